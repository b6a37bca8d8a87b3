import { expect, test } from 'vitest';
import { defaultLambda, httpRoutes } from '../../functions/routes.ts';
import { readable, resourceName, resourcesOf, synthesized } from './synthesized.ts';

const template = synthesized();

/** `GET /v1/users → UsersFunction.Arn` for every route of the template. */
function routesOfTemplate(): readonly string[] {
  const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration');
  const functionOf = new Map(integrations.map(([id, { Properties }]) => [id, readable(Properties.IntegrationUri)]));
  return resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
    const integration = /[^/]+$/.exec(JSON.stringify(Properties.Target))?.[0].match(/"Ref":"(\w+)"/)?.[1] ?? '';
    return `${Properties.RouteKey} → ${functionOf.get(integration)}`;
  });
}

test('the HTTP API has every route of functions/routes.ts once, to the Lambda it names, and no other', () => {
  const expected = httpRoutes().map(
    ({ method, path, lambda }) => `${method} ${path} → ${resourceName(lambda)}Function.Arn`,
  );

  expect([...routesOfTemplate()].sort()).toEqual(
    [...expected, `$default → ${resourceName(defaultLambda)}Function.Arn`].sort(),
  );
});
