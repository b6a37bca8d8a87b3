import { once } from 'node:events';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';

/** The longest time of a check, in milliseconds: two of them fit into one invocation. */
const TIMEOUT = 8000;

function isHealthy(body: string): boolean {
  try {
    return JSON.parse(body).status === 'healthy';
  } catch {
    return false;
  }
}

/**
 * Requests `/v1/health` below a URL, as a stranger does: with a DNS query, a connection and a TLS handshake of its own.
 *
 * @param url an https URL without a trailing slash
 * @returns what is wrong, such as `ENOTFOUND`, `CERT_HAS_EXPIRED`, `TimeoutError` or `status 403`; undefined if the API answers
 */
export async function healthProblem(url: string): Promise<string | undefined> {
  try {
    // Without an agent no connection is kept: one of a minute ago would hide what has broken since.
    const request = get(`${url}/v1/health`, { agent: false, signal: AbortSignal.timeout(TIMEOUT) });
    const [answer] = await once(request, 'response');
    if (answer.statusCode !== 200) {
      request.destroy();
      return `status ${answer.statusCode}`;
    }
    return isHealthy(await text(answer)) ? undefined : 'another answer';
  } catch (error) {
    const { code, cause, name } = Object(error);
    return String(code === 'ABORT_ERR' ? Object(cause).name : (code ?? name));
  }
}
