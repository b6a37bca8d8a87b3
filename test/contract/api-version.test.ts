import { describe, expect, inject, test } from 'vitest';
import { call } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';

const authorization = `Bearer ${inject('stack').secretKey}`;

const surfaces = [
  ['Backend API', '/v1/users?limit=1', { authorization }],
  ['Frontend API', '/v1/client?a=b', {}],
] as const;

describe.each(surfaces)('the %s', (_, path, headers) => {
  test.each(['2021-02-05', '2025-11-10', '2026-05-12', '2026-08-20', '2099-12-31'])(
    'an operation accepts the API version %s',
    async (version) => {
      const answers = [
        await call({ path, headers: { ...headers, 'clerk-api-version': version } }),
        await call({ path: `${path}&__clerk_api_version=${version}`, headers }),
      ];

      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    },
  );

  test('an empty API version counts as none, in the header and in the query', async () => {
    const version = '2025-11-10';

    const answers = [
      await call({ path, headers: { ...headers, 'clerk-api-version': '' } }),
      await call({ path: `${path}&__clerk_api_version=`, headers }),
      await call({ path: `${path}&__clerk_api_version=`, headers: { ...headers, 'clerk-api-version': version } }),
      await call({ path: `${path}&__clerk_api_version=${version}`, headers: { ...headers, 'clerk-api-version': '' } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test('an operation accepts a request without an API version', async () => {
    const answer = await call({ path, headers });

    expect(answer.status).toBe(200);
  });

  test.each([
    'latest',
    '2025',
    '2025-11',
    '2025-1-1',
    '20251110',
    '2025-11-10T00:00:00Z',
    ' 2025-11-10',
    '2025-13-01',
    '2025-02-30',
    '2025-11-10,2025-11-10',
    '2021-02-04',
    '1990-01-01',
    '0000-01-01',
  ])('an operation refuses the API version "%s", which is no date, or before the first one', async (version) => {
    const answers = [
      await call({ path, headers: { ...headers, 'clerk-api-version': version } }),
      await call({ path: `${path}&__clerk_api_version=${encodeURIComponent(version)}`, headers }),
    ];

    expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(400, 'api_version_invalid')));
  });

  test('an operation refuses an API version that is given twice, even the same', async () => {
    const version = '2025-11-10';

    const answers = [
      await call({
        path: `${path}&__clerk_api_version=${version}`,
        headers: { ...headers, 'clerk-api-version': version },
      }),
      await call({ path: `${path}&__clerk_api_version=${version}&__clerk_api_version=${version}`, headers }),
    ];

    expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(400, 'api_version_invalid')));
  });
});
