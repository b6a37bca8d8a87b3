import * as v from 'valibot';
import { CommandError } from '../errors.ts';

const answer = v.object({ token: v.string() });

/** The operator whom a token of the local identity provider names. */
interface LocalOperator {
  readonly sub: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Returns a token of the identity provider of a local run.
 *
 * @throws CommandError when the run does not answer
 */
export async function fetchLocalOperatorToken(apiUrl: string, operator: LocalOperator): Promise<string> {
  try {
    const response = await fetch(`${apiUrl}/__local/operator_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(operator),
      signal: AbortSignal.timeout(10_000),
    });
    return v.parse(answer, await response.json()).token;
  } catch (error) {
    throw new CommandError('The local run gives no token: start it with "npm start" and try again.', { cause: error });
  }
}
