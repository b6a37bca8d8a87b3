import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { HttpRequest } from './request.ts';

/** Deeper nesting than any body of ours needs; walking it must not exhaust the stack. */
const MAX_DEPTH = 32;

/** What reading a body takes. */
type SentBody = Pick<HttpRequest, 'body' | 'header'>;

function checkedText({ body, header }: SentBody, contentType: string): string {
  if (body.length > limits.bodyBytes) throw new ApiError('request_body_too_large');
  const given = header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (body.length > 0 && given !== contentType) {
    const sentence = `Content-Type ${given === undefined ? 'is missing' : 'is unsupported'}. Use ${contentType} instead.`;
    throw new ApiError({ code: 'unsupported_content_type', sentence });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new ApiError({ code: 'request_body_invalid', sentence: 'The request body is not valid UTF-8.' });
  }
}

/**
 * Counts brackets outside of strings, in one pass: recursion could exhaust the stack, and a pattern for strings takes seconds
 * for a body of quotes.
 */
function isTooDeep(json: string): boolean {
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  for (const character of json) {
    if (isEscaped) isEscaped = false;
    else if (isInString && character === '\\') isEscaped = true;
    else if (character === '"') isInString = !isInString;
    else if (!isInString && (character === '{' || character === '[')) depth += 1;
    else if (!isInString && (character === '}' || character === ']')) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function parsedJson(text: string): unknown {
  if (isTooDeep(text))
    throw new ApiError({ code: 'request_body_invalid', sentence: 'The request body is nested too deeply.' });
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError({ code: 'request_body_invalid', sentence: 'The request body is not valid JSON.' });
  }
}

/**
 * The JSON object of a Backend API request. No body and `null` count as an empty object, because Clerk's clients send those
 * where an operation has no parameters.
 *
 * @throws `request_body_too_large`, `unsupported_content_type`, `request_body_invalid`
 */
export function jsonBody(request: SentBody): unknown {
  const text = checkedText(request, 'application/json');
  const value = text === '' ? {} : (parsedJson(text) ?? {});
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new ApiError({ code: 'request_body_invalid', sentence: 'The request body must be a JSON object.' });
}

/**
 * The fields of a Frontend API form post. Fields an operation does not ask for are ignored, as clerk-js sends several.
 *
 * @throws `request_body_too_large`, `unsupported_content_type`, `request_body_invalid`
 */
export function formBody(request: SentBody): URLSearchParams {
  const text = checkedText(request, 'application/x-www-form-urlencoded');
  const isMalformed = /%(?![0-9a-f]{2})/i.test(text);
  const fields = new URLSearchParams(text);
  // URLSearchParams replaces what is not UTF-8 by U+FFFD, silently.
  const isReplaced = fields.toString().includes('%EF%BF%BD');
  if (isMalformed || isReplaced || fields.size > limits.formFields) {
    throw new ApiError({ code: 'request_body_invalid', sentence: 'The request body is not a valid form.' });
  }
  return fields;
}
