import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { isPlainObject } from '../base/params.ts';
import type { HttpRequest } from './request.ts';

type RequestWithBody = Pick<HttpRequest, 'body' | 'header'>;

function invalidBody(sentence: string): ApiError {
  return new ApiError({ code: 'request_body_invalid', sentence });
}

function unsupported(sentence: string): ApiError {
  return new ApiError({ code: 'unsupported_content_type', sentence });
}

/** ASCII is a part of UTF-8. The value may be quoted (RFC 9110 section 5.6.6). */
const UTF8 = /^"?(?:utf-?8|us-ascii)"?$/;

/** Refuses a body that would be misread: of another type, compressed, or in another encoding than UTF-8. */
function checkContent(header: RequestWithBody['header'], contentType: string): void {
  const [given = '', ...params] = (header('content-type')?.toLowerCase() ?? '').split(';').map((part) => part.trim());
  if (given !== contentType)
    throw unsupported(`Content-Type ${given === '' ? 'is missing' : 'is unsupported'}. Use ${contentType} instead.`);
  const charsets = params.filter((each) => each.startsWith('charset='));
  if (!charsets.every((each) => UTF8.test(each.slice('charset='.length))))
    throw unsupported('The charset in Content-Type is unsupported. Send the body as UTF-8.');
  if ((header('content-encoding')?.trim().toLowerCase() ?? 'identity') !== 'identity')
    throw unsupported('Content-Encoding is unsupported. Send the body without compression.');
}

function checkedText({ body, header }: RequestWithBody, contentType: string): string {
  if (body.length > limits.bodyBytes) throw new ApiError('request_body_too_large');
  if (body.length > 0) checkContent(header, contentType);
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
 * The JSON object in a text. An empty text counts as an empty object.
 *
 * @param subject what the text is, as the beginning of a sentence
 * @throws `request_body_invalid` for anything else, and for more than `limits.bodyDepth` levels of nesting
 */
export function jsonObjectFrom(text: string, subject: string): object {
  const value = text === '' ? {} : parsedJson(text, subject);
  if (isDeeperThan(limits.bodyDepth, value)) throw invalidBody(`${subject} is nested too deeply.`);
  if (!isPlainObject(value)) throw invalidBody(`${subject} must be a JSON object.`);
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
 * As `jsonBody`, of an operation that has no parameters. Clerk's clients also send `null` there, which counts as an empty object.
 *
 * @throws as `jsonBody`
 */
export function emptyJsonBody(request: RequestWithBody): object {
  const text = checkedText(request, 'application/json');
  return text.trim() === 'null' ? {} : jsonObjectFrom(text, 'The request body');
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
