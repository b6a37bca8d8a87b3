// Answers that browsers and CloudFront may keep: they are the same for everyone, and change only with a deployment or a key.
import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { HttpRequest } from './request.ts';

const MAX_AGE_IN_SECONDS = 300;

interface KeptContent {
  /** A text, or the bytes of an encoded one. */
  readonly content: string | Buffer;
  /** The media type. */
  readonly type: string;
  /** For this long it is used without another request. */
  readonly maxAgeInSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** True if `If-None-Match` names this entity tag. A cache that compressed the content may have made it weak (RFC 9110 section 13.1.2). */
function isNamed(entityTag: string, ifNoneMatch: string): boolean {
  const named = ifNoneMatch.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return named.includes(entityTag) || ifNoneMatch === '*';
}

/** An answer that may be kept, with the hash of its content as entity tag. 304 without content if the request names this tag. */
export function keptAnswer(
  { content, type, maxAgeInSeconds = MAX_AGE_IN_SECONDS, headers = {} }: KeptContent,
  { header }: Pick<HttpRequest, 'header'>,
): Answer {
  const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  const common = { ...headers, etag, 'cache-control': `public, max-age=${maxAgeInSeconds}` };
  if (isNamed(etag, header('if-none-match') ?? '')) return { status: 304, headers: common };
  const answer = { headers: { ...common, 'content-type': type } };
  return typeof content === 'string' ? { ...answer, text: content } : { ...answer, bytes: content };
}
