import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { authorizing } from '../../../local/aws/http-api/authorizers.ts';
import { stackFrom } from '../../../local/aws/stack.ts';
import { tinyTemplate } from '../tiny-stack.ts';

const routes = [
  { routeKey: 'POST /notes', functionName: 'Notes', authorizer: 'Authorize' },
  { routeKey: '$default', functionName: 'Notes' },
];

function event(headers: Readonly<Record<string, string>>, routeKey = 'POST /notes'): APIGatewayProxyEventV2 {
  const http = { method: 'POST', path: '/notes', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' };
  const requestContext = { accountId: '0', apiId: 'local', domainName: '', domainPrefix: '', http, requestId: 'r' };
  return {
    version: '2.0',
    routeKey,
    rawPath: '/notes',
    rawQueryString: '',
    headers,
    body: 'a note',
    isBase64Encoded: false,
    requestContext: { ...requestContext, routeKey, stage: '$default', time: '', timeEpoch: 0 },
  };
}

/** Sends an event to an API whose authorizer returns `result`; returns the response and the invocations. */
async function send(result: unknown, sent: APIGatewayProxyEventV2) {
  const invocations: [functionName: string, event: object][] = [];
  const invoke = async (functionName: string, given: object) => {
    invocations.push([functionName, given]);
    return functionName === 'Authorize' ? result : 'answered';
  };
  const answer = await authorizing(routes, invoke)('Notes', sent).catch(() => 'rejected');
  return { answer, invocations };
}

const refusal = (statusCode: number, message: string) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

const identified = event({ authorization: 'Bearer x' });

describe('a route with an authorizer', () => {
  test('a function receives the context of its authorizer', async () => {
    const context = { user_id: 'user_1', is_impersonated: 'true' };

    const { answer, invocations } = await send({ isAuthorized: true, context }, identified);

    expect(answer).toBe('answered');
    const requestContext = { ...identified.requestContext, authorizer: { lambda: context } };
    expect(invocations[1]).toEqual(['Notes', { ...identified, requestContext }]);
  });

  test('an authorizer receives the request and the identity, without the body', async () => {
    const { invocations } = await send({ isAuthorized: true }, identified);

    const [name, received] = invocations[0] ?? [];
    expect(name).toBe('Authorize');
    expect(received).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: 'arn:aws:execute-api:us-east-1:000000000000:local/$default/POST/notes',
      identitySource: ['Bearer x'],
      requestContext: { http: { method: 'POST' } },
    });
    expect(received).not.toHaveProperty('body');
    expect(received).not.toHaveProperty('isBase64Encoded');
  });

  test.each([[{}], [{ authorization: '' }]])(
    'without the identity the response is 401, and nothing is invoked: %j',
    async (headers) => {
      const { answer, invocations } = await send({ isAuthorized: true }, event(headers));

      expect(answer).toEqual(refusal(401, 'Unauthorized'));
      expect(invocations).toEqual([]);
    },
  );

  test('the response is 403 when the authorizer does not authorize', async () => {
    const { answer, invocations } = await send({ isAuthorized: false, context: { user_id: 'user_1' } }, identified);

    expect(answer).toEqual(refusal(403, 'Forbidden'));
    expect(invocations).toHaveLength(1);
  });

  test.each([null, 'yes', {}, { isAuthorized: 'true' }, { isAuthorized: 1 }])(
    'the invocation fails when the authorizer returns %j',
    async (result) => {
      const { answer, invocations } = await send(result, identified);

      expect(answer).toBe('rejected');
      expect(invocations).toHaveLength(1);
    },
  );
});

test('a route without an authorizer invokes its function only', async () => {
  const { answer, invocations } = await send({ isAuthorized: false }, event({}, '$default'));

  expect(answer).toBe('answered');
  expect(invocations.map(([name]) => name)).toEqual(['Notes']);
});

describe('an authorizer of a template', () => {
  const lambdaUri = 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/';

  function stackWith(authorizer: object) {
    const template = tinyTemplate();
    const Target = 'integrations/EchoIntegration';
    const route = { RouteKey: 'GET /x', Target, AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } };
    const Properties = {
      AuthorizerType: 'REQUEST',
      AuthorizerUri: { 'Fn::Join': ['', [lambdaUri, { 'Fn::GetAtt': ['Broken', 'Arn'] }, '/invocations']] },
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 0,
      ...authorizer,
    };
    const Resources = {
      ...template.Resources,
      Authorizer: { Type: 'AWS::ApiGatewayV2::Authorizer', Properties },
      EchoRoute: { Type: 'AWS::ApiGatewayV2::Route', Properties: route },
    };
    return stackFrom({ template: { Resources }, stackName: 'Tiny', assetDirectory: () => '' }, 'http://127.0.0.1:3000');
  }

  test('the authorizer of a route is read from the template', () => {
    expect(stackWith({}).routes).toContainEqual({ routeKey: 'GET /x', functionName: 'Echo', authorizer: 'Broken' });
  });

  test.each([
    ['the type JWT', { AuthorizerType: 'JWT' }],
    ['the older payload', { AuthorizerPayloadFormatVersion: '1.0' }],
    ['policies as results', { EnableSimpleResponses: false }],
    ['cached results', { AuthorizerResultTtlInSeconds: 300 }],
    ['another identity', { IdentitySource: ['$request.querystring.token'] }],
  ])('an authorizer with %s is refused', (_case, authorizer) => {
    expect(() => stackWith(authorizer)).toThrow('cannot use Authorizer');
  });
});
