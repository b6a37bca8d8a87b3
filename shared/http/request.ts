import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { BrowserCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { type Id, type IdPrefix, isId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { epochMs } from '../base/time.ts';
import { headerOf } from './header.ts';
import { sourceIpOf } from './origin-secret.ts';

/** An HTTP request, with the context of its operation. */
export interface HttpRequest extends BrowserCall {
  readonly method: string;
  /** A parameter in the route's path, decoded; an unknown one is the empty string. */
  readonly pathParameter: (name: string) => string;
  /**
   * An id in the route's path.
   *
   * @throws `resource_not_found` for a text that is no id of this kind
   */
  readonly pathId: <Prefix extends IdPrefix>(prefix: Prefix, name: string) => Id<Prefix>;
  readonly query: URLSearchParams;
  /** Undefined when absent or empty. */
  readonly header: (name: string) => string | undefined;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const LONGEST_USER_AGENT = 512;

/**
 * Cookies are separated by a semicolon and a space (RFC 6265 section 4.2.1). Nothing else is removed: browsers let any host set a cookie
 * whose name is `__Host-client` behind another kind of blank, such as U+2000, and `trim` would make it the true one.
 */
function cookiesOf(event: APIGatewayProxyEventV2): readonly string[] {
  const cookies = event.cookies ?? headerOf(event, 'cookie')?.split(';') ?? [];
  return cookies.map((cookie) => cookie.replace(/^ +/, ''));
}

/** Reads a request from an event of API Gateway (payload format 2.0). */
export function httpRequest(event: APIGatewayProxyEventV2, instance: Instance): HttpRequest {
  const { method } = event.requestContext.http;
  const pathParameter = (name: string) => event.pathParameters?.[name] ?? '';
  return {
    instance,
    method,
    pathParameter,
    pathId: (prefix, name) => {
      const id = pathParameter(name);
      if (!isId(prefix, id)) throw new ApiError('resource_not_found');
      return id;
    },
    query: new URLSearchParams(event.rawQueryString),
    header: (name) => headerOf(event, name),
    cookies: cookiesOf(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    caller: {
      sourceIp: sourceIpOf(event, instance),
      userAgent: headerOf(event, 'user-agent')?.slice(0, LONGEST_USER_AGENT).toWellFormed(),
    },
    now: epochMs(Date.now()),
  };
}
