// `npm run deploy` reads the deployed configuration from the template that this project deploys.
import { afterAll, describe, expect, test } from 'vitest';
import { comparedPartOf } from '../../cdk/commands/deploy/compared-config.ts';
import { deployedConfigOf } from '../../cdk/commands/deploy/deployed-config.ts';
import { parseConfig } from '../../cdk/config/config.ts';
import type { ConfigInput } from '../../cdk/config/schema.ts';
import { behindCloudFront, withDomainName } from './configured.ts';
import { discardApps, resourcesOf, synthesized, type Template } from './synthesized.ts';

afterAll(discardApps);

const operators = { issuers: [{ issuer: 'https://corp.example.com', audience: 'api://actor-tokens' }] };

describe('the configuration is read back from its template', () => {
  test.each<[string, ConfigInput]>([
    ['without a configuration', {}],
    ['in prod', withDomainName],
    ['in a protected stage of another name', { stage: 'staging' }],
    ['in a stage that is not protected', { stage: 'staging', protected: false }],
    ['behind CloudFront', behindCloudFront],
    ['with operators and a policy', { profile: 'hardened', operators }],
    ['with operators that are not required', { operators }],
    ['with a log', { audit: 'on', auditKeys: [2, 1] }],
    [
      'with other values',
      {
        generation: 3,
        maxTicketLifeInSeconds: 600,
        maxSessionDurationInSeconds: 900,
        auditRetentionDays: 30,
        ticketKeys: [12, 2, 1],
        sessionKeys: [2, 3],
        restoredTables: { Sessions: 'actor-tokens-dev-Sessions-g3', SecretKeys: 'actor-tokens-dev-SecretKeys-g2' },
      },
    ],
  ])('%s', (_, props) => {
    expect(deployedConfigOf(synthesized(props), '')).toEqual(comparedPartOf(parseConfig(props)));
  });
});

test('a stack whose keys are retained, as versions before 0.2.0 deployed it, is protected', () => {
  const template: Template = structuredClone(synthesized({ stage: 'prod' }));
  const keys = resourcesOf(template, 'AWS::KMS::Key').map(([id, key]) => [id, { ...key, DeletionPolicy: 'Retain' }]);
  const older = { Outputs: template.Outputs, Resources: { ...template.Resources, ...Object.fromEntries(keys) } };

  expect(deployedConfigOf(older, '')?.isProtected).toBe(true);
});

test('a limit that is no variable of the deployed functions is left out', () => {
  const template: Template = structuredClone(synthesized());
  for (const [, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function'))
    delete Object(Properties).Environment.Variables.MAX_SESSION_DURATION_IN_SECONDS;

  expect(deployedConfigOf(template, '')?.limits).toEqual({ maxTicketLifeInSeconds: 86_400, auditRetentionDays: 400 });
});

describe('a template whose generation and keys cannot be read has no configuration', () => {
  function without(isLeftOut: (id: string, type: string) => boolean): Template {
    const { Resources, Outputs } = synthesized();
    const left = Object.entries(Resources).filter(([id, { Type }]) => !isLeftOut(id, Type));
    return { Resources: Object.fromEntries(left), Outputs };
  }

  test.each([
    ['without functions', without((_, type) => type === 'AWS::Lambda::Function')],
    ['without the number of a key', without((id) => id.startsWith('SessionKeyAlias'))],
    ['of another product', { Resources: { Bucket: { Type: 'AWS::S3::Bucket' } } }],
    ['that is no object', undefined],
  ])('%s', (_, template) => {
    expect(deployedConfigOf(template, '')).toBeUndefined();
  });
});
