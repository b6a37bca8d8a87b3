const FORM = 'application/x-www-form-urlencoded';
const MOST_REDIRECTS = 10;

export interface Visit {
  readonly status: number;
  readonly text: string;
  /** The requested addresses, of which the last one was answered with the page. */
  readonly addresses: readonly URL[];
}

/** The members of the response to a redemption that a script reads. */
export interface SignInResponse {
  readonly response: { readonly created_session_id: string };
  readonly client: { readonly sessions: readonly { readonly last_active_token: { readonly jwt: string } }[] };
}

/**
 * Opens pages as a browser does: it follows redirects and keeps the cookies of one host for all ports. It runs no scripts; a test
 * sends the requests of a page's scripts itself.
 */
export class Visitor {
  readonly cookies = new Map<string, string>();

  open(address: string): Promise<Visit> {
    return this.#follow('GET', address);
  }

  submit(address: string, form: Readonly<Record<string, string>>): Promise<Visit> {
    return this.#follow('POST', address, new URLSearchParams(form).toString());
  }

  /** Sends a request as the script of a page does. */
  async fetch(address: string, origin: string, form: Readonly<Record<string, string>> = {}): Promise<Response> {
    const headers = { origin, 'content-type': FORM, cookie: this.#cookieHeader };
    const response = await fetch(address, { method: 'POST', headers, body: new URLSearchParams(form) });
    this.#keep(response);
    return response;
  }

  async #follow(firstMethod: string, firstAddress: string, firstBody?: string): Promise<Visit> {
    let [method, body] = [firstMethod, firstBody];
    const addresses = [new URL(firstAddress)];
    while (addresses.length <= MOST_REDIRECTS) {
      const address = addresses.at(-1) ?? new URL(firstAddress);
      const headers = {
        accept: 'text/html',
        'sec-fetch-dest': 'document',
        cookie: this.#cookieHeader,
        ...(body !== undefined && { 'content-type': FORM }),
        // The form is on a page of the address to which it is sent.
        ...(body !== undefined && addresses.length === 1 && { origin: address.origin }),
      };
      const init: RequestInit = { method, headers, redirect: 'manual', ...(body !== undefined && { body }) };
      const response = await fetch(address, init);
      this.#keep(response);
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, text: await response.text(), addresses };
      if (response.status !== 307) [method, body] = ['GET', undefined];
      addresses.push(new URL(location, address));
    }
    throw new Error(`More than ${MOST_REDIRECTS} redirects: ${addresses.map(({ pathname }) => pathname).join(' → ')}`);
  }

  get #cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
