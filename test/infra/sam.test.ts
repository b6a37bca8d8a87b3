import { App } from 'aws-cdk-lib/core';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../cdk/config/error.ts';
import { isForSam, prepareForSam } from '../../cdk/sam.ts';
import { enginePorts, samEndpoint } from '../../cdk/sam-addresses.ts';
import { appWith, discardApps, type Resource, resourcesOf, synthesized, type Template } from './synthesized.ts';

afterEach(discardApps);

const template = forSam();
const functions = resourcesOf(template, 'AWS::Lambda::Function');

function forSam(): Template {
  const { app, stack } = appWith({});
  prepareForSam(stack);
  return app.synth().getStackArtifact(stack.artifactId).template;
}

function environmentOf({ Properties }: Resource): Readonly<Record<string, unknown>> {
  const { Variables } = Properties.Environment as { readonly Variables: Readonly<Record<string, unknown>> };
  return Variables;
}

/** The logical ids of all resources of a type. */
function idsOf(type: string): readonly string[] {
  return resourcesOf(template, type).map(([id]) => id);
}

describe.each(functions.filter(([id]) => !id.startsWith('HealthCheck')))('%s for SAM', (_id, fn) => {
  const environment = environmentOf(fn);

  test('has only texts in its environment, because SAM resolves references wrongly', () => {
    for (const value of Object.values(environment)) expect(value).toBeTypeOf('string');
  });

  test('finds every table and key by its logical id', () => {
    const tables = Object.entries(environment).filter(([name]) => name.endsWith('_TABLE'));
    const keys = ['TICKET_KEY_IDS', 'SESSION_KEY_IDS'].flatMap((name) => String(environment[name]).split(','));

    expect(tables.map(([, table]) => table).sort()).toEqual([...idsOf('AWS::DynamoDB::GlobalTable')].sort());
    expect([...keys].sort()).toEqual([...idsOf('AWS::KMS::Key')].sort());
  });

  test('reaches the engines of this machine, without credentials of its user', () => {
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL_DYNAMODB: `http://host.docker.internal:${enginePorts.dynamodb}`,
      AWS_ENDPOINT_URL_KMS: `http://host.docker.internal:${enginePorts.kms}`,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: '',
    });
  });

  test('has the address of SAM as its Frontend API, and an architecture that needs no emulation', () => {
    expect(environment.FRONTEND_API_URL).toBe(samEndpoint);
    expect(fn.Properties.Architectures).toEqual(['x86_64']);
  });
});

test('the template for SAM differs from the one for AWS only in environments and architectures', () => {
  const withoutThose = ({ Resources }: Template) =>
    Object.entries(Resources).map(
      ([
        id,
        {
          Properties: { Environment: _, Architectures: __, ...rest },
          ...resource
        },
      ]) => [id, resource, rest],
    );

  expect(withoutThose(template)).toEqual(withoutThose(synthesized()));
});

test('the template is for SAM with -c sam=1 only', () => {
  const isAsked = (sam: unknown) => isForSam(new App({ context: { sam } }));

  expect([isAsked(undefined), isAsked('1'), isAsked(1)]).toEqual([false, true, true]);
  expect(() => isAsked('yes')).toThrow(new ConfigError('sam is "yes": write 1, or leave it out.'));
});
