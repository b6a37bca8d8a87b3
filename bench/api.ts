import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of any answer; a wrong member fails the operation that reads it.
  readonly json: any;
  /** The cookies that the answer sets, without their attributes. */
  readonly cookies: readonly string[];
}

const agent = new Agent({ keepAlive: true });

/**
 * Sends one request on a connection that is kept.
 *
 * @throws Error for an answer of 400 or more, with its text
 */
export function send(endpoint: string, { method, path, headers = {}, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, endpoint), { method, headers, agent }, (answer) => {
      text(answer).then((content) => {
        const { statusCode = 0, headers: answered } = answer;
        if (statusCode >= 400) return reject(new Error(`${method} ${path} answers ${statusCode}: ${content}`));
        const isJson = answered['content-type'] === 'application/json' && content !== '';
        const cookies = (answered['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '');
        return resolve({ json: isJson ? JSON.parse(content) : undefined, cookies });
      }, reject);
    });
    sent.on('error', reject).end(body);
  });
}
