import { inject } from 'vitest';
import { type Api, call, type TestAnswer } from './http.ts';

const FORM = 'application/x-www-form-urlencoded';
const ownOrigin = new URL(inject('stack').environment.FRONTEND_API_URL ?? '').origin;

/** A browser: a cookie jar for one host, which stores the cookies of answers and sends them back. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #call: Api['call'];

  /** @param api the API that the browser calls; by default that of the instance that all tests share */
  constructor(api: Pick<Api, 'call'> = { call }) {
    this.#call = api.call;
  }

  get cookies(): readonly string[] {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`);
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** Returns a second jar with the same cookies: a tab whose request left before another tab's answer arrived. */
  clone(): Browser {
    const copy = new Browser({ call: this.#call });
    for (const [name, value] of this.#cookies) copy.#cookies.set(name, value);
    return copy;
  }

  keep(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (attributes.some((attribute) => attribute.toLowerCase() === 'max-age=0')) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  async send(method: string, path: string, form?: Readonly<Record<string, string>>, headers = {}): Promise<TestAnswer> {
    const body = form && new URLSearchParams(form).toString();
    const type = body === undefined ? {} : { 'content-type': FORM };
    const answer = await this.#call({
      method,
      path,
      headers: { ...type, ...headers },
      cookies: this.cookies,
      ...(body === undefined ? {} : { body }),
    });
    this.keep(answer.cookies);
    return answer;
  }

  get(path: string, headers = {}): Promise<TestAnswer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, form: Readonly<Record<string, string>> = {}, headers = {}): Promise<TestAnswer> {
    return this.send('POST', path, form, headers);
  }

  /** Sends the form of the accept page, as the press of its button does. */
  accept(ticket: string, headers = {}, form: Readonly<Record<string, string>> = {}): Promise<TestAnswer> {
    return this.post('/v1/tickets/accept', { ticket, ...form }, { origin: ownOrigin, ...headers });
  }

  redeem(ticket: string, headers = {}): Promise<TestAnswer> {
    return this.post('/v1/client/sign_ins', { strategy: 'ticket', ticket }, headers);
  }
}
