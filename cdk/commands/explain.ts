import { ApiError } from '../../shared/base/errors.ts';
import { longMessageOf } from '../../shared/http/error-catalogue.ts';

/** Who does not answer or refuses, by the name people know. */
export type Service = 'CloudFormation' | 'DynamoDB' | 'KMS';

const SIGN_IN = 'sign in again (such as "aws sso login" or "aws login"), or name a profile with AWS_PROFILE';

/** An error and what led to it, outermost first. */
function chain(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : [];
}

/** What can be wrong with the caller's AWS account and network. */
const sentences: readonly (readonly [is: RegExp, sentence: (error: Error, service: string) => string])[] = [
  [
    /ExpiredToken|RequestExpired|(token|session|credentials?)\b.*expired/i,
    () => `Your AWS credentials have expired: ${SIGN_IN}.`,
  ],
  [
    /CredentialsProviderError|TokenProviderError/,
    () => `There are no AWS credentials that work: ${SIGN_IN}, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  ],
  [
    /Region is missing/,
    () => 'There is no AWS Region: name it with --region or AWS_REGION, or set it in your profile.',
  ],
  [
    /InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|AuthFailure/,
    () => `AWS does not accept your credentials: ${SIGN_IN}.`,
  ],
  [
    /AccessDenied|UnauthorizedOperation/,
    ({ message }, service) => {
      const action = /perform: ([\w:]+)/.exec(message)?.[1] ?? `what this command needs of ${service}`;
      return `Your AWS credentials do not allow ${action}: use others (AWS_PROFILE), or have it allowed.`;
    },
  ],
  [
    /ResourceNotFoundException/,
    (_error, service) => `${service} has no such table or key: deploy the stack again, or check --stack and --region.`,
  ],
  [
    /ThrottlingException|Throttling\b|RequestLimitExceeded|too_many_requests/,
    (_error, service) => `${service} takes no more requests at the moment: wait a little and try again.`,
  ],
  [
    /NoAnswerError|TimeoutError|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE/,
    (_error, service) => `${service} does not answer: check the network and the Region, then try again.`,
  ],
];

function textOf(error: Error): string {
  return `${error.name} ${'code' in error ? String(error.code) : ''} ${error.message}`;
}

/** What the API would answer, as sentences. */
export function apiSentences(error: ApiError): string {
  return error.items.map(longMessageOf).join(' ');
}

/** One sentence for whatever was thrown: what is wrong and what to do, and nothing of the SDK's own stack. */
export function explained(error: unknown, service: Service = 'DynamoDB'): string {
  const errors = chain(error);
  for (const each of errors.toReversed())
    for (const [is, sentence] of sentences) if (is.test(textOf(each))) return sentence(each, service);
  if (error instanceof ApiError) return apiSentences(error);
  return `${errors[0]?.name ?? 'Error'}: ${errors[0]?.message ?? 'something unforeseen was thrown'}`;
}
