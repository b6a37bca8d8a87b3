import { describe, expect, test } from 'vitest';
import { ConfigError, derivedInstanceId, stackConfig } from '../../cdk/config.ts';

/** The configuration that a context of CDK gives. */
function configFrom(context: Readonly<Record<string, unknown>>) {
  return stackConfig({ tryGetContext: (key) => context[key] });
}

test('nothing needs to be configured', () => {
  expect(configFrom({})).toEqual({
    stage: 'dev',
    stackName: 'actor-tokens-dev',
    instanceId: derivedInstanceId('actor-tokens-dev'),
    signInUrl: undefined,
    allowedOrigins: [],
    cookieDomain: undefined,
    applicationName: 'Actor Tokens',
    generation: 1,
    auditRetentionDays: 400,
  });
});

test('all can be configured in cdk.json', () => {
  const chosen = {
    stage: 'prod',
    stackName: 'impersonation',
    instanceId: 'ins_0123456789abcdefghijABCDEFG',
    signInUrl: 'https://app.example.com/sign-in',
    allowedOrigins: ['https://app.example.com', 'http://localhost:3000'],
    cookieDomain: 'example.com',
    applicationName: 'Example',
    generation: 2,
    auditRetentionDays: 30,
  };

  expect(configFrom({ actorTokens: chosen })).toEqual(chosen);
});

test('what the command line says goes before cdk.json, and may be text', () => {
  const config = configFrom({
    actorTokens: { stage: 'dev', generation: 2, applicationName: 'Example' },
    stage: 'prod',
    generation: '3',
    auditRetentionDays: '30',
    allowedOrigins: 'https://a.example, http://127.0.0.1:5173, https://a.example',
  });

  expect(config).toMatchObject({
    stage: 'prod',
    stackName: 'actor-tokens-prod',
    applicationName: 'Example',
    generation: 3,
    auditRetentionDays: 30,
    allowedOrigins: ['https://a.example', 'http://127.0.0.1:5173'],
  });
});

describe('an instance id that is not configured', () => {
  test('has the form of one', () => {
    expect(derivedInstanceId('actor-tokens-dev')).toMatch(/^ins_[0-9A-Za-z]{27}$/);
  });

  test('stays the same from one release to the next', () => {
    expect(derivedInstanceId('actor-tokens-dev')).toBe('ins_9IdxnaEFO8s2sBTSX6bNSbpRTWK');
  });

  test('is another for another stack', () => {
    expect(derivedInstanceId('actor-tokens-prod')).not.toBe(derivedInstanceId('actor-tokens-dev'));
  });
});

describe('a wrong value is refused in one sentence', () => {
  const origin =
    'an exact https origin without path or wildcard, such as https://app.example.com (http for localhost only)';
  const signInUrl =
    "the https URL of your app's sign-in page, such as https://app.example.com/sign-in (http for localhost only)";
  const stackName = 'letters, digits and hyphens, beginning with a letter, such as actor-tokens-dev';
  const instanceId = 'ins_ and 27 letters or digits, or leave it out to have it derived from the name of the stack';
  const cookieDomain = 'a domain in lower case without scheme, port or leading dot, such as example.com';
  const applicationName = 'a name of 1 to 100 characters without spaces around it, such as Actor Tokens';

  test.each([
    [{ stage: 'test' }, 'stage is "test": write dev or prod.'],
    [{ stage: '' }, 'stage is "": write dev or prod.'],
    [{ stackName: 'actor_tokens' }, `stackName is "actor_tokens": write ${stackName}.`],
    [{ stackName: '1st' }, `stackName is "1st": write ${stackName}.`],
    [{ instanceId: 'ins_1' }, `instanceId is "ins_1": write ${instanceId}.`],
    [{ signInUrl: '/sign-in' }, `signInUrl is "/sign-in": write ${signInUrl}.`],
    [{ signInUrl: 'http://app.example.com' }, `signInUrl is "http://app.example.com": write ${signInUrl}.`],
    [{ signInUrl: 'javascript:alert(1)' }, `signInUrl is "javascript:alert(1)": write ${signInUrl}.`],
    [{ allowedOrigins: 'https://a.example/' }, `allowedOrigins is "https://a.example/": write ${origin}.`],
    [{ allowedOrigins: 'https://*.a.example' }, `allowedOrigins is "https://*.a.example": write ${origin}.`],
    [{ allowedOrigins: 'https://A.example' }, `allowedOrigins is "https://A.example": write ${origin}.`],
    [{ allowedOrigins: 'http://a.example' }, `allowedOrigins is "http://a.example": write ${origin}.`],
    [{ allowedOrigins: '*' }, `allowedOrigins is "*": write ${origin}.`],
    [{ allowedOrigins: 'null' }, `allowedOrigins is "null": write ${origin}.`],
    [{ allowedOrigins: '' }, `allowedOrigins is "": write ${origin}.`],
    [{ allowedOrigins: ['https://a.example', 7] }, `allowedOrigins is 7: write ${origin}.`],
    [{ allowedOrigins: 7 }, 'allowedOrigins is 7: write a list of origins, such as ["https://app.example.com"].'],
    [{ cookieDomain: '.example.com' }, `cookieDomain is ".example.com": write ${cookieDomain}.`],
    [{ cookieDomain: 'https://example.com' }, `cookieDomain is "https://example.com": write ${cookieDomain}.`],
    [{ cookieDomain: 'localhost' }, `cookieDomain is "localhost": write ${cookieDomain}.`],
    [{ applicationName: '' }, `applicationName is "": write ${applicationName}.`],
    [{ applicationName: ' Example' }, `applicationName is " Example": write ${applicationName}.`],
    [{ generation: '0' }, 'generation is 0: write a whole number from 1, such as 2.'],
    [{ generation: 'two' }, 'generation is "two": write a whole number from 1, such as 2.'],
    [{ generation: 1.5 }, 'generation is 1.5: write a whole number from 1, such as 2.'],
    [{ generation: -1 }, 'generation is -1: write a whole number from 1, such as 2.'],
    [{ generation: null }, 'generation is null: write a whole number from 1, such as 2.'],
    [{ auditRetentionDays: '1e3' }, 'auditRetentionDays is "1e3": write a number of days from 1, such as 400.'],
    [{ actorTokens: 'dev' }, 'actorTokens in cdk.json is not an object: write one, such as {"stage": "dev"}.'],
    [
      { actorTokens: { stge: 'prod' } },
      'actorTokens in cdk.json has the unknown member "stge": write one of stage, stackName, instanceId, signInUrl, ' +
        'allowedOrigins, cookieDomain, applicationName, generation, auditRetentionDays.',
    ],
  ])('%o', (context, sentence) => {
    expect(() => configFrom(context)).toThrow(new ConfigError(sentence));
  });

  test('in cdk.json as on the command line', () => {
    expect(() => configFrom({ actorTokens: { stage: 'test' } })).toThrow(
      new ConfigError('stage is "test": write dev or prod.'),
    );
  });
});
