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

/** Sends an event to an API whose authorizer says `said`; answers what was answered, and who was asked what. */
async function send(said: unknown, sent: APIGatewayProxyEventV2) {
  const asked: [functionName: string, event: object][] = [];
  const invoke = async (functionName: string, given: object) => {
    asked.push([functionName, given]);
    return functionName === 'Authorize' ? said : 'answered';
  };
  const answer = await authorizing(routes, invoke)('Notes', sent).catch(() => 'rejected');
  return { answer, asked };
}

const refusal = (statusCode: number, message: string) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

const identified = event({ authorization: 'Bearer x' });

describe('a route with an authorizer', () => {
  test('reaches its function with what the authorizer said', async () => {
    const context = { user_id: 'user_1', is_impersonated: 'true' };

    const { answer, asked } = await send({ isAuthorized: true, context }, identified);

    expect(answer).toBe('answered');
    const requestContext = { ...identified.requestContext, authorizer: { lambda: context } };
    expect(asked[1]).toEqual(['Notes', { ...identified, requestContext }]);
  });

  test('tells its authorizer of the request and the identity, and nothing of the body', async () => {
    const { asked } = await send({ isAuthorized: true }, identified);

    const [name, told] = asked[0] ?? [];
    expect(name).toBe('Authorize');
    expect(told).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: 'arn:aws:execute-api:us-east-1:000000000000:local/$default/POST/notes',
      identitySource: ['Bearer x'],
      requestContext: { http: { method: 'POST' } },
    });
    expect(told).not.toHaveProperty('body');
    expect(told).not.toHaveProperty('isBase64Encoded');
  });

  test.each([[{}], [{ authorization: '' }]])(
    'answers 401 without the identity, and asks nobody: %j',
    async (headers) => {
      const { answer, asked } = await send({ isAuthorized: true }, event(headers));

      expect(answer).toEqual(refusal(401, 'Unauthorized'));
      expect(asked).toEqual([]);
    },
  );

  test('answers 403 when the authorizer refuses, whatever else it says', async () => {
    const { answer, asked } = await send({ isAuthorized: false, context: { user_id: 'user_1' } }, identified);

    expect(answer).toEqual(refusal(403, 'Forbidden'));
    expect(asked).toHaveLength(1);
  });

  test.each([null, 'yes', {}, { isAuthorized: 'true' }, { isAuthorized: 1 }])(
    'fails when the authorizer says %j',
    async (said) => {
      const { answer, asked } = await send(said, identified);

      expect(answer).toBe('rejected');
      expect(asked).toHaveLength(1);
    },
  );
});

test('a route without an authorizer asks none', async () => {
  const { answer, asked } = await send({ isAuthorized: false }, event({}, '$default'));

  expect(answer).toBe('answered');
  expect(asked.map(([name]) => name)).toEqual(['Notes']);
});

describe('of a template', () => {
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

  test('the authorizer of a route is read', () => {
    expect(stackWith({}).routes).toContainEqual({ routeKey: 'GET /x', functionName: 'Echo', authorizer: 'Broken' });
  });

  test.each([
    ['the JWT authorizer', { AuthorizerType: 'JWT' }],
    ['the older payload', { AuthorizerPayloadFormatVersion: '1.0' }],
    ['policies as answers', { EnableSimpleResponses: false }],
    ['remembered answers', { AuthorizerResultTtlInSeconds: 300 }],
    ['another identity', { IdentitySource: ['$request.querystring.token'] }],
  ])('%s is refused rather than passed over', (_case, authorizer) => {
    expect(() => stackWith(authorizer)).toThrow('cannot use Authorizer');
  });
});
