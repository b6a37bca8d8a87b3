import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { HttpRequest } from './request.ts';

type RequestWithBody = Pick<HttpRequest, 'body' | 'header'>;

function invalidBody(sentence: string): ApiError {
  return new ApiError({ code: 'request_body_invalid', sentence });
}

function checkedText({ body, header }: RequestWithBody, contentType: string): string {
  if (body.length > limits.bodyBytes) throw new ApiError('request_body_too_large');
  const given = header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (body.length > 0 && given !== contentType) {
    const sentence = `Content-Type ${given === undefined ? 'is missing' : 'is unsupported'}. Use ${contentType} instead.`;
    throw new ApiError({ code: 'unsupported_content_type', sentence });
  }
  return utf8Text(body, 'The request body');
}

/**
 * The text of these bytes.
 *
 * @param subject what the bytes are, as the beginning of a sentence
 * @throws `request_body_invalid` when they are not UTF-8
 */
export function utf8Text(bytes: Uint8Array, subject: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidBody(`${subject} is not valid UTF-8.`);
  }
}

/** True when a value nests deeper than this. The recursion is bounded by the depth. */
function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeperThan(depth - 1, member));
}

function parsedJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody(`${subject} is not valid JSON.`);
  }
}

/**
 * The JSON object in a text. `null` and an empty text count as an empty object, because Clerk's clients send them where an operation has
 * no parameters.
 *
 * @param subject what the text is, as the beginning of a sentence
 * @throws `request_body_invalid` for anything else, and for more than `limits.bodyDepth` levels of nesting
 */
export function jsonObjectFrom(text: string, subject: string): object {
  const value = text === '' ? {} : (parsedJson(text, subject) ?? {});
  if (isDeeperThan(limits.bodyDepth, value)) throw invalidBody(`${subject} is nested too deeply.`);
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidBody(`${subject} must be a JSON object.`);
  return value;
}

/**
 * The JSON object of a Backend API request.
 *
 * @throws `request_body_too_large`, `unsupported_content_type`, `request_body_invalid`
 */
export function jsonBody(request: RequestWithBody): object {
  return jsonObjectFrom(checkedText(request, 'application/json'), 'The request body');
}

/**
 * The fields of a form that a browser posts to the Frontend API.
 *
 * @throws `request_body_too_large`, `unsupported_content_type`, `request_body_invalid`
 */
export function formBody(request: RequestWithBody): URLSearchParams {
  const text = checkedText(request, 'application/x-www-form-urlencoded');
  const isMalformed = /%(?![0-9a-f]{2})/i.test(text);
  const fields = new URLSearchParams(text);
  // URLSearchParams replaces bytes that are not UTF-8 with U+FFFD and reports no error.
  const isReplaced = fields.toString().includes('%EF%BF%BD');
  if (isMalformed || isReplaced || fields.size > limits.formFields)
    throw invalidBody('The request body is not a valid form.');
  return fields;
}
