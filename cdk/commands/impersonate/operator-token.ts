// Where an operator's own token comes from.
import { exec } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { clientOptions } from '../client-options.ts';
import { answerOfAws } from '../error-sentence.ts';
import { CommandError, UsageError } from '../errors.ts';
import { fetchLocalOperatorToken } from './local-operator-token.ts';

export interface TokenChoice {
  readonly 'token-command'?: string | undefined;
  readonly aws?: boolean | undefined;
  readonly region?: string | undefined;
  readonly local?: boolean | undefined;
}

/** @throws CommandError */
async function tokenOfCommand(command: string): Promise<string> {
  const { stdout } = await promisify(exec)(command, { timeout: 60_000 }).catch((error: unknown) => {
    const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new CommandError(`The command of --token-command failed: ${reason || 'it printed nothing'}`);
  });
  if (stdout.trim() !== '') return stdout.trim();
  throw new CommandError('The command of --token-command printed no token: it must print it on standard output.');
}

/** A token of AWS for the identity of these credentials, whose audience is the API. @throws CommandError */
async function tokenOfAws(apiUrl: string, region: string | undefined): Promise<string> {
  const client = new STSClient(clientOptions({ region }));
  const command = new GetWebIdentityTokenCommand({
    Audience: [apiUrl],
    SigningAlgorithm: 'RS256',
    DurationSeconds: 300,
  });
  const { WebIdentityToken } = await answerOfAws('STS', client.send(command)).finally(() => client.destroy());
  if (WebIdentityToken) return WebIdentityToken;
  throw new CommandError('AWS gave no token: allow outbound web identity federation in the account.');
}

/**
 * Returns the token of the operator: that of `--token-command`, of AWS, of OPERATOR_TOKEN, or of the identity provider of a local run.
 *
 * @throws UsageError, CommandError
 */
export async function operatorToken(choice: TokenChoice, apiUrl: string): Promise<string> {
  const { 'token-command': command, aws, region, local } = choice;
  if (command !== undefined && aws)
    throw new UsageError('--token-command and --aws both give a token: omit one of them.');
  if (command !== undefined) return tokenOfCommand(command);
  if (aws) return tokenOfAws(apiUrl, region);
  const { OPERATOR_TOKEN: given } = process.env;
  if (given) return given;
  if (local) return fetchLocalOperatorToken(apiUrl, { sub: userInfo().username });
  throw new UsageError(
    'Missing token: set OPERATOR_TOKEN to a token of your identity provider, or choose --token-command "<command>" or --aws.',
  );
}
