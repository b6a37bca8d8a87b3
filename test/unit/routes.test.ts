import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultLambda, httpRoutes, routes } from '../../functions/routes.ts';

describe('the list of routes', () => {
  test('the list of routes names each operation once, and each method and path once', () => {
    expect(new Set(routes.map(({ operation }) => operation)).size).toBe(routes.length);
    expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
  });

  test.each([...new Set(routes.map(({ lambda }) => lambda)), defaultLambda])(
    'the list of routes has an entry file for %s',
    (lambda) => {
      expect(existsSync(new URL(`../../functions/${lambda}.ts`, import.meta.url))).toBe(true);
    },
  );
});

test('the HTTP API has every route, HEAD of what anyone may GET, and what browsers PATCH or DELETE as POST too', () => {
  const pairs = httpRoutes().map(({ method, path, lambda }) => `${method} ${path} ${lambda}`);

  const expected = routes.map(({ method, path, lambda }) => `${method} ${path} ${lambda}`);
  const more = [
    'HEAD /.well-known/jwks.json tickets',
    'HEAD /.well-known/openid-configuration fallback',
    'HEAD /npm/{proxy+} fallback',
    'HEAD /v1/health fallback',
    'HEAD /v1/impersonation-banner.js fallback',
    'HEAD /v1/openapi.json fallback',
    'HEAD /v1/tickets/accept tickets',
    'POST /v1/client/sessions browser-sessions',
    'POST /v1/environment fallback',
  ];
  expect(pairs.toSorted()).toEqual([...expected, ...more].toSorted());
});
