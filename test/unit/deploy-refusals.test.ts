// The comparison of a configuration with the deployed one, of which `npm run deploy` refuses what would be undone.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ComparedConfig, comparedPartOf } from '../../cdk/commands/deploy/compared-config.ts';
import { refusableNames, refusalsOf } from '../../cdk/commands/deploy/refusals.ts';
import { afterStep, type KeyNumbers } from '../../cdk/commands/signing-keys/lists.ts';
import { parseConfig } from '../../cdk/config/config.ts';
import { configLimits } from '../../cdk/config/limit-names.ts';
import { type ConfigInput, configNames, entries } from '../../cdk/config/schema.ts';
import { behindCloudFront, originSecretHashes } from '../infra/configured.ts';

const limits = { maxTicketLifeInSeconds: 3600, maxSessionDurationInSeconds: 1800, auditRetentionDays: 400 };

const deployedConfig: ComparedConfig = {
  isProtected: false,
  generation: 2,
  limits,
  ticketKeys: [1],
  sessionKeys: [1],
  restoredTables: {},
  operatorsAreRequired: false,
  hasPolicy: false,
  auditKeys: [],
  originSecretHashes: [],
};

/** The refusals of a deployment that changes nothing but these names. */
function refusals(input: ConfigInput, deployed: Partial<ComparedConfig> = {}) {
  return refusalsOf(
    { ...deployedConfig, ...deployed },
    comparedPartOf(parseConfig({ ...limits, generation: 2, ...input })),
  );
}

test('a deployment without changes is not refused', () => {
  expect(refusals({})).toEqual([]);
});

describe('the generation', () => {
  test('a lower generation is refused, because it revives what was ended', () => {
    expect(refusals({ generation: 1 })).toEqual([
      {
        name: 'generation',
        sentences:
          'generation is 2 in the deployed stack and 1 in this configuration. It would revive every ticket, session, browser and ' +
          'secret key of generation 1 that has not expired, also those that were ended in an emergency.',
      },
    ]);
  });

  test('a higher generation is not refused', () => {
    expect(refusals({ generation: 3 })).toEqual([]);
  });
});

describe('the log of the record', () => {
  const namesOf = (input: ConfigInput, auditKeys: readonly number[]) =>
    refusals(input, { auditKeys }).map(({ name }) => name);

  test('cannot be switched off, because nobody could tell whether the record was changed meanwhile', () => {
    expect(namesOf({}, [1])).toEqual(['audit']);
    expect(namesOf({ audit: 'on' }, [1])).toEqual([]);
    expect(namesOf({ audit: 'on' }, [])).toEqual([]);
  });

  test('keeps its keys, because what one signed could not be verified without it', () => {
    expect(namesOf({ audit: 'on', auditKeys: [2] }, [1])).toEqual(['auditKeys']);
    expect(namesOf({ audit: 'on', auditKeys: [2, 1] }, [1])).toEqual([]);
  });
});

describe('operators and policy', () => {
  const issuers = [{ issuer: 'https://corp.example.com', audience: 'api://actor-tokens' }];
  const namesOf = (input: ConfigInput, deployed: Partial<ComparedConfig>) =>
    refusals(input, deployed).map(({ name }) => name);

  test.each<[string, ConfigInput]>([
    ['no operators', {}],
    ['operators that are not required', { operators: { issuers } }],
  ])('%s are refused where operators are required, because secret keys would impersonate again', (_, input) => {
    expect(namesOf(input, { operatorsAreRequired: true })).toEqual(['operators']);
    expect(namesOf(input, {})).toEqual([]);
  });

  test('no policy is refused where there is one', () => {
    expect(namesOf({}, { hasPolicy: true })).toEqual(['policy']);
    expect(namesOf({ policy: 'policies/hardened.json' }, { hasPolicy: true })).toEqual([]);
  });

  test('required operators and a policy are not refused', () => {
    const hardened = { operators: { required: true, issuers }, policy: 'policies/hardened.json' };

    expect(namesOf(hardened, { operatorsAreRequired: true, hasPolicy: true })).toEqual([]);
  });
});

describe('a limit', () => {
  test.each([
    ['maxTicketLifeInSeconds', 3601, 'Actor tokens could be redeemed for longer.'],
    ['maxSessionDurationInSeconds', 1801, 'Sessions could last longer.'],
    ['auditRetentionDays', 399, 'The record of who acted as whom would be deleted sooner.'],
  ] as const)('a looser %s is refused', (name, value, effect) => {
    expect(refusals({ [name]: value })).toEqual([
      {
        name,
        sentences: `${name} is ${limits[name]} in the deployed stack and ${value} in this configuration. ${effect}`,
      },
    ]);
  });

  test.each([
    ['maxTicketLifeInSeconds', 3599],
    ['maxSessionDurationInSeconds', 1799],
    ['auditRetentionDays', 401],
  ] as const)('a tighter %s is not refused', (name, value) => {
    expect(refusals({ [name]: value })).toEqual([]);
  });

  test('a limit that the deployed version does not have is not compared', () => {
    expect(refusals({ maxSessionDurationInSeconds: 86_400 }, { limits: {} })).toEqual([]);
  });

  test('every configured number is a limit, or one that may change in both directions', () => {
    const numbers = configNames.filter((name) => {
      const { wrapped } = entries[name];
      return 'type' in wrapped && String(wrapped.type) === 'number';
    });
    const ordinary = ['requestsPerSecond', 'burst', 'signaturesPerSecond', 'revokeConcurrency'];

    expect([...Object.keys(configLimits), ...ordinary, 'generation'].toSorted()).toEqual(numbers.toSorted());
  });
});

describe.each(['ticketKeys', 'sessionKeys'] as const)('%s', (name) => {
  const lists: readonly KeyNumbers[] = [[1], [2], [1, 2], [2, 1], [3]];

  test.each(['publish', 'sign', 'retire'] as const)('the step %s is not refused', (step) => {
    for (const list of lists) {
      // A rotation publishes the next key only after the old one was retired.
      const before = step === 'publish' ? ([list[0]] as const) : list;
      expect(refusals({ [name]: [...afterStep[step](before)] }, { [name]: before }), String(before)).toEqual([]);
    }
  });

  test('giving up a new key before it signs is not refused', () => {
    expect(refusals({ [name]: [1] }, { [name]: [1, 2] })).toEqual([]);
  });

  test.each([
    {
      deployed: [2],
      list: [1],
      faults: [
        'The key 2 signs and would be dropped, so everything that it signed would be refused.',
        'The key 1 would come back, although it was removed.',
      ],
    },
    { deployed: [2], list: [2, 1], faults: ['The key 1 would come back, although it was removed.'] },
    { deployed: [3, 2], list: [3, 2, 1], faults: ['The key 1 would come back, although it was removed.'] },
    {
      deployed: [2, 1],
      list: [1],
      faults: ['The key 2 signs and would be dropped, so everything that it signed would be refused.'],
    },
    { deployed: [2, 1], list: [1, 2], faults: ['The older key 1 would sign again in place of the key 2.'] },
    {
      deployed: [1],
      list: [2],
      faults: ['The key 1 signs and would be dropped, so everything that it signed would be refused.'],
    },
  ])('$list in place of $deployed is refused', ({ deployed, list, faults }) => {
    const sentences = `${name} is [${deployed.join(', ')}] in the deployed stack and [${list.join(', ')}] in this configuration.`;

    expect(refusals({ [name]: list }, { [name]: deployed })).toEqual([
      { name, sentences: [sentences, ...faults].join(' ') },
    ]);
  });
});

describe('restored tables', () => {
  const restored = { Sessions: 'actor-tokens-dev-Sessions-g2' };

  test.each([
    ['a restored table in place of the own one', {}, restored, "the stack's own table", restored.Sessions],
    ['the own table in place of a restored one', restored, {}, restored.Sessions, "the stack's own table"],
  ])('%s is refused under the same generation', (_, deployed, configured, before, after) => {
    expect(refusals({ restoredTables: configured }, { restoredTables: deployed })).toEqual([
      {
        name: 'restoredTables',
        sentences:
          `restoredTables.Sessions is ${before} in the deployed stack and ${after} in this configuration, and generation is not ` +
          'higher than the deployed 2. What was redeemed, ended or revoked in one of the two tables may be valid in the other: ' +
          'raise generation together with the tables, as docs/restore.md describes.',
      },
    ]);
  });

  test('tables that change together with a higher generation are not refused', () => {
    const next = { Sessions: 'actor-tokens-dev-Sessions-g3' };

    expect(refusals({ generation: 3, restoredTables: next }, { restoredTables: restored })).toEqual([]);
    expect(refusals({ generation: 3 }, { restoredTables: restored })).toEqual([]);
    expect(refusals({ restoredTables: restored }, { restoredTables: restored })).toEqual([]);
  });
});

describe('CloudFront', () => {
  const deployed = { isProtected: true, originSecretHashes };

  test('a deployment that takes CloudFront away is refused', () => {
    const { cloudFront: _, ...without } = behindCloudFront;

    expect(refusals(without, deployed)).toEqual([
      {
        name: 'cloudFront',
        sentences: expect.stringMatching(/ would answer requests that bypass CloudFront and WAF\.$/),
      },
    ]);
  });

  test('origin secrets of which none is deployed are refused', () => {
    expect(refusals(behindCloudFront, { ...deployed, originSecretHashes: ['c'.repeat(64)] })).toEqual([
      {
        name: 'cloudFront',
        sentences: expect.stringMatching(/ An origin secret that was replaced would be accepted again/),
      },
    ]);
  });

  test('a secret that is added, a secret that is removed and a new CloudFront are not refused', () => {
    const [first = '', second = ''] = originSecretHashes;

    expect(refusals(behindCloudFront, { ...deployed, originSecretHashes: [second] })).toEqual([]);
    expect(refusals(behindCloudFront, { ...deployed, originSecretHashes: [first, 'c'.repeat(64)] })).toEqual([]);
    expect(refusals(behindCloudFront, { ...deployed, originSecretHashes: [] })).toEqual([]);
  });
});

describe('the protection from deletion', () => {
  test.each<ConfigInput>([{ stage: 'dev' }, { stage: 'prod', protected: false }])('is not removed by %o', (input) => {
    expect(refusals(input, { isProtected: true })).toEqual([
      {
        name: 'protected',
        sentences:
          'protected is true in the deployed stack and false in this configuration. The protection of the tables, keys and logs from ' +
          'deletion would be removed.',
      },
    ]);
  });

  test('stays, or is added, without a refusal', () => {
    expect(refusals({ stage: 'staging' }, { isProtected: true })).toEqual([]);
    expect(refusals({ stage: 'dev', protected: true }, { isProtected: true })).toEqual([]);
    expect(refusals({ stage: 'prod' }, { isProtected: false })).toEqual([]);
  });
});

test('everything that would be undone is reported at once', () => {
  const names = refusals(
    { generation: 1, maxSessionDurationInSeconds: 86_400, ticketKeys: [1] },
    { ticketKeys: [2] },
  ).map(({ name }) => name);

  expect(names).toEqual(['generation', 'maxSessionDurationInSeconds', 'ticketKeys']);
});

test.each([
  { allowedOrigins: ['https://another.example.com'] },
  { applicationName: 'Another' },
  { requestsPerSecond: 81 },
  { signInUrl: 'https://app.example.com/sign-in', allowedOrigins: ['https://app.example.com'] },
] satisfies readonly ConfigInput[])('an ordinary change is not refused: %o', (input) => {
  expect(refusals(input)).toEqual([]);
});

test('docs/deploy.md lists every name that can be refused', () => {
  const [, section = ''] = readFileSync('docs/deploy.md', 'utf8').split('## What a deployment may not undo');
  const [rows = ''] = section.split('\n## ');
  const names = [...rows.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '));

  expect(names).toEqual(refusableNames);
});
