// Inputs that once caused a 5xx, each by the rule that it broke.
import { describe, expect, inject, test } from 'vitest';
import { routes } from '../../../functions/routes.ts';
import { pathToNobody } from '../../support/every-operation.ts';
import { answerTo, eventOf } from '../../support/http.ts';

const headers = { authorization: `Bearer ${inject('stack').secretKey}`, 'content-type': 'application/json' };

describe('a user is looked up by a text that DynamoDB cannot store', () => {
  const ofOneUser = routes.filter(({ path }) => path.includes('{user_id}'));

  test.each(ofOneUser)('$operation answers 404 for half of a surrogate pair', async ({ method, path }) => {
    const event = eventOf({ method, path: pathToNobody(path), headers, ...(method === 'PATCH' && { body: '{}' }) });

    const answer = await answerTo({ ...event, pathParameters: { user_id: 'customer_\ud83d' } });

    expect(answer.status).toBe(404);
  });
});
