import { ApiError } from '../../shared/base/errors.ts';
import { longMessageOf } from '../../shared/http/error-catalogue.ts';
import { CommandError } from './errors.ts';

/** The AWS services that commands call. */
type Service = 'CloudFormation' | 'DynamoDB' | 'KMS' | 'S3' | 'STS';

const SIGN_IN =
  'sign in again (for example with "aws sso login" or "aws login"), or choose another profile with AWS_PROFILE';

/** Failures of the administrator's AWS account and network. The first pattern that matches an error explains it. */
const explanations: readonly (readonly [pattern: RegExp, sentence: (error: Error, service: string) => string])[] = [
  [
    /ExpiredToken|RequestExpired|(token|session|credentials?)\b.*expired/i,
    () => `Your AWS credentials have expired: ${SIGN_IN}.`,
  ],
  [
    /CredentialsProviderError|TokenProviderError/,
    () => `No valid AWS credentials were found: ${SIGN_IN}, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  ],
  [
    /Region is missing/,
    () => 'No AWS Region is configured: use --region, set AWS_REGION, or configure a Region in your profile.',
  ],
  [
    /InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|AuthFailure/,
    () => `AWS rejected your credentials: ${SIGN_IN}.`,
  ],
  [
    /AccessDenied|UnauthorizedOperation/,
    ({ message }, service) => {
      const action = /perform: ([\w:]+)/.exec(message)?.[1] ?? `the actions of ${service} that this command needs`;
      return `Your AWS credentials do not allow ${action}: use other credentials (AWS_PROFILE), or have them allowed it.`;
    },
  ],
  [
    /ResourceNotFoundException/,
    (_error, service) =>
      `${service} did not find the table or key: deploy the stack again, or check --stack and --region.`,
  ],
  [
    /\b(DisabledException|KMSInvalidStateException|NotFoundException)/,
    ({ message }) =>
      `A signing key is out of service (${message}): "npm run signing-keys -- status" shows the state of each key.`,
  ],
  [
    /ThrottlingException|Throttling\b|RequestLimitExceeded|too_many_requests/,
    (_error, service) => `${service} is throttling requests: wait a little and try again.`,
  ],
  [
    /NoAnswerError|TimeoutError|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE/,
    (_error, service) => `${service} does not answer: check the network and the Region, then try again.`,
  ],
];

/** Returns an error and its causes, outermost first. */
function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

function textOf(error: Error): string {
  return `${error.name} ${'code' in error ? String(error.code) : ''} ${error.message}`;
}

/** Returns the sentences that the API would answer with. */
export function apiSentences(error: ApiError): string {
  return error.items.map(longMessageOf).join(' ');
}

/** Returns what is wrong and what to do, for anything that a call of this service can throw. It contains no stack. */
export function errorSentence(error: unknown, service: Service): string {
  const errors = causesOf(error);
  for (const each of errors.toReversed())
    for (const [pattern, sentence] of explanations) if (pattern.test(textOf(each))) return sentence(each, service);
  if (error instanceof ApiError) return apiSentences(error);
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/**
 * Returns the answer of a call to AWS.
 *
 * @throws CommandError that explains the failure
 */
export async function answerOfAws<Output>(service: Service, call: Promise<Output>): Promise<Output> {
  return call.catch((error: unknown) => {
    throw new CommandError(errorSentence(error, service));
  });
}
