import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { summary } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { decoded } from '../support/tickets.ts';

/** Actors as JSON text, because JavaScript literals reorder or lose parts of what JSON can express. */
const keptActors: readonly [what: string, actor: string][] = [
  ['only sub', '{"sub":"support_1"}'],
  ['upper and lower case', '{"sub":"A","camelCase":1,"snake_case":2,"PascalCase":{"innerKey":true}}'],
  ['nested members', '{"sub":"a","list":[1,[2,{"deep":[null,false,""]}]],"empty":{},"none":[]}'],
  ['unicode', '{"sub":"żółw 🐢","名前":"ターゲット","e\u0301":"é"}'],
  ['a member named additionalProperties', '{"sub":"a","additionalProperties":{"reason":"ticket 7"}}'],
  ['an actor of the actor', '{"sub":"a","act":{"sub":"b","act":{"sub":"c"}}}'],
  ['names of claims', '{"sub":"a","iss":"https://evil.example","sid":"sess_x","exp":1,"azp":"x","aud":["y"]}'],
  ['names that are integers', '{"2":"two","sub":"a","1":"one","01":"zero one"}'],
  ['names of object members', '{"sub":"a","constructor":1,"toString":null,"hasOwnProperty":false}'],
  [
    'the largest numbers that are kept',
    '{"sub":"a","max":9007199254740991,"min":-9007199254740991,"small":1e-7,"pi":3.14}',
  ],
  ['an empty name', '{"sub":"a","":"nothing"}'],
  ['names of attributes that are stored', '{"sub":"a","id":"x","status":"accepted","user_id":"y","generation":99}'],
];

describe('an actor is kept verbatim from the request to the session token', () => {
  test.each(keptActors)('an actor is kept verbatim from the request to the session token: %s', async (_, text) => {
    const actor = JSON.parse(text);
    const body = `{"user_id":"${await aUser()}","actor":${text}}`;

    const created = await callBackend('POST', '/v1/actor_tokens', body);
    const browser = new Browser();
    const signedIn = await browser.redeem(created.json.token);
    const { created_session_id: sessionId } = signedIn.json.response;
    const session = await callBackend('GET', `/v1/sessions/${sessionId}`);
    const token = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
    const backendToken = await callBackend('POST', `/v1/sessions/${sessionId}/tokens`);

    const [shown] = signedIn.json.client.sessions;
    expect(created.json.actor).toEqual(actor);
    expect(shown.actor).toEqual(actor);
    expect(session.json.actor).toEqual(actor);
    const tokens = [shown.last_active_token.jwt, token.json.jwt, backendToken.json.jwt].map(decoded);
    expect(tokens.map(({ payload }) => payload.act)).toEqual([actor, actor, actor]);
    expect(tokens.map(({ payload }) => payload.sub)).toEqual(Array(3).fill(created.json.user_id));
  });

  test('an actor is kept verbatim from the request to the session token: a member named __proto__', async () => {
    const text = '{"sub":"a","__proto__":{"sub":"b","admin":true}}';
    const body = `{"user_id":"${await aUser()}","actor":${text}}`;

    const created = await callBackend('POST', '/v1/actor_tokens', body);
    const signedIn = await new Browser().redeem(created.json.token);

    expect(created.text).toContain(`"actor":${text}`);
    expect(signedIn.text).toContain(`"actor":${text}`);
    expect(JSON.stringify(decoded(signedIn.json.client.sessions[0].last_active_token.jwt).payload.act)).toBe(text);
  });
});

describe('an actor needs a sub of its own', () => {
  const cases: readonly [actor: string, expected: string][] = [
    ['{}', '422 form_param_missing actor.sub'],
    ['{"__proto__":{"sub":"a"}}', '422 form_param_missing actor.sub'],
    ['{"Sub":"a"}', '422 form_param_missing actor.sub'],
    ['{"sub":null}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":""}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":7}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":["a"]}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":{"sub":"a"}}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":"a\\n"}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":" \u00a0"}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":"support\u202e"}', '422 form_param_value_invalid actor.sub'],
    ['{"sub":"sup\u200bport"}', '422 form_param_value_invalid actor.sub'],
    [`{"sub":"${'a'.repeat(256)}"}`, '200'],
    [`{"sub":"${'a'.repeat(257)}"}`, '422 form_param_value_invalid actor.sub'],
    ['{"sub":"cli:someone@example.com"}', '200'],
  ];

  test.each(cases)('an actor needs a sub of its own: %s is answered with %s', async (actor, expected) => {
    const userId = await aUser();

    const answer = await callBackend('POST', '/v1/actor_tokens', `{"user_id":"${userId}","actor":${actor}}`);

    expect(summary(answer)).toBe(expected);
    expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toHaveLength(expected === '200' ? 1 : 0);
  });
});

describe('what would come out changed is refused', () => {
  test.each([
    ['a number beyond doubles', '1e400'],
    ['a negative number beyond doubles', '-1e400'],
    ['an integer beyond exactness', '9007199254740993'],
    ['an integer just beyond exactness', '9007199254740992'],
    ['half a surrogate pair', '"\\ud83d"'],
    ['half a surrogate pair in a name', '{"\\udc22":1}'],
    ['a NUL', '"a\\u0000"'],
    ['a NUL in a name', '{"a\\u0000":1}'],
  ])('an actor that JSON would change is refused: %s', async (_, value) => {
    const userId = await aUser();

    const answer = await callBackend(
      'POST',
      '/v1/actor_tokens',
      `{"user_id":"${userId}","actor":{"sub":"a","x":[${value}]}}`,
    );

    expect(summary(answer)).toBe('422 form_param_value_invalid actor');
    expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toEqual([]);
  });
});

describe('the serialized actor has at most 1000 bytes', () => {
  const sized = (bytes: number, filling = 'x') => {
    const room = bytes - Buffer.byteLength(JSON.stringify({ sub: 'a', x: '' }));
    return { sub: 'a', x: filling.repeat(room / Buffer.byteLength(filling)) };
  };

  test.each([
    ['1000 bytes', sized(1000), '200'],
    ['1001 bytes', sized(1001), '422 form_param_exceeds_allowed_size actor'],
    ['1000 bytes of wide characters', sized(1000, 'é'), '200'],
    ['1002 bytes of wide characters', sized(1002, 'é'), '422 form_param_exceeds_allowed_size actor'],
  ])('the serialized actor has at most 1000 bytes: %s', async (_, actor, expected) => {
    const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: await aUser(), actor });

    expect(summary(answer)).toBe(expected);
  });

  test('the serialized actor has at most 1000 bytes: white space of the request does not count', async () => {
    const body = JSON.stringify({ user_id: await aUser(), actor: { ...sized(970), list: [1, 2, 3] } }, undefined, 10);

    const answer = await callBackend('POST', '/v1/actor_tokens', body);

    expect(answer.status).toBe(200);
  });

  test('the serialized actor has at most 1000 bytes: the largest actor still signs in', async () => {
    const { ticket } = await aPendingActorToken({ actor: sized(1000) });

    const answer = await new Browser().redeem(ticket);

    expect(answer.status).toBe(200);
    expect(decoded(answer.json.client.sessions[0].last_active_token.jwt).payload.act).toEqual(sized(1000));
  });
});
