import { inject } from 'vitest';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation; the tests state what is in it.
  readonly json: any;
}

export interface HttpRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const FORM = 'application/x-www-form-urlencoded';

/** Sends one request to the running API. */
export async function send(
  method: string,
  path: string,
  { headers = {}, body }: HttpRequest = {},
): Promise<HttpAnswer> {
  const init = { method, headers, redirect: 'manual', ...(body !== undefined && { body }) } satisfies RequestInit;
  const response = await fetch(inject('stack').baseUrl + path, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** A browser that shows a page of the allowed origin and calls the running API over HTTP, with a cookie jar for one host. */
export class HttpBrowser {
  readonly cookies = new Map<string, string>();

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async post(path: string, form: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    const cookies = this.cookies.size > 0 ? { cookie: this.cookieHeader } : {};
    const headers = { origin: inject('stack').allowedOrigin, 'content-type': FORM, ...cookies };
    const answer = await send('POST', path, { headers, body: new URLSearchParams(form).toString() });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  redeem(ticket: string): Promise<HttpAnswer> {
    return this.post('/v1/client/sign_ins', { strategy: 'ticket', ticket });
  }

  signOut(): Promise<HttpAnswer> {
    return this.post('/v1/client/sessions?_method=DELETE');
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
