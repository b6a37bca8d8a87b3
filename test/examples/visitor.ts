const FORM = 'application/x-www-form-urlencoded';
const mostRedirects = 10;

export interface Visit {
  readonly status: number;
  readonly text: string;
  /** The addresses asked for, the answered one last. */
  readonly addresses: readonly URL[];
}

/** What a script finds in the answer to the redemption of a ticket. */
export interface SignInAnswer {
  readonly response: { readonly created_session_id: string };
  readonly client: { readonly sessions: readonly { readonly last_active_token: { readonly jwt: string } }[] };
}

/**
 * Opens pages as a browser does: follows redirects, and keeps cookies of one host, whatever the port. It runs no scripts; what
 * those of a page would do, a test does itself.
 */
export class Visitor {
  readonly cookies = new Map<string, string>();

  open(address: string): Promise<Visit> {
    return this.#follow('GET', address);
  }

  submit(address: string, form: Readonly<Record<string, string>>): Promise<Visit> {
    return this.#follow('POST', address, new URLSearchParams(form).toString());
  }

  /** A request that a script of a page sends. */
  async fetch(address: string, origin: string, form: Readonly<Record<string, string>> = {}): Promise<Response> {
    const headers = { origin, 'content-type': FORM, cookie: this.#cookieHeader };
    const response = await fetch(address, { method: 'POST', headers, body: new URLSearchParams(form) });
    this.#keep(response);
    return response;
  }

  async #follow(firstMethod: string, firstAddress: string, firstBody?: string): Promise<Visit> {
    let [method, body] = [firstMethod, firstBody];
    const addresses = [new URL(firstAddress)];
    while (addresses.length <= mostRedirects) {
      const address = addresses.at(-1) ?? new URL(firstAddress);
      const headers = {
        accept: 'text/html',
        'sec-fetch-dest': 'document',
        cookie: this.#cookieHeader,
        ...(body !== undefined && { 'content-type': FORM }),
      };
      const init: RequestInit = { method, headers, redirect: 'manual', ...(body !== undefined && { body }) };
      const response = await fetch(address, init);
      this.#keep(response);
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, text: await response.text(), addresses };
      if (response.status !== 307) [method, body] = ['GET', undefined];
      addresses.push(new URL(location, address));
    }
    throw new Error(`More than ${mostRedirects} redirects: ${addresses.map(({ pathname }) => pathname).join(' → ')}`);
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
