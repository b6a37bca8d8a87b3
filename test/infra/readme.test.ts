// The README names every service of AWS that a stack uses.
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { discardApps, synthesized, type Template } from './synthesized.ts';

afterAll(discardApps);

const [, sentences = ''] = /\*\*What it uses\*\*: (.*?)\n- |$/s.exec(readFileSync('README.md', 'utf8')) ?? [];
const [always = '', withLog = ''] = sentences.replaceAll(/\s+/g, ' ').split('. ');

/** The names that people use, by the second part of a resource type. IAM and CDK belong to every stack. */
const NAMES: Readonly<Record<string, string | undefined>> = {
  ApiGatewayV2: 'API Gateway',
  Events: 'EventBridge',
  Logs: 'CloudWatch',
  IAM: undefined,
  CDK: undefined,
};

function servicesOf(template: Template): readonly string[] {
  const types = Object.values(template.Resources).map(({ Type }) => Type.split('::'));
  const names = types.map(([, service = '']) => (service in NAMES ? NAMES[service] : service));
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

const named = (text: string) =>
  [...text.matchAll(/API Gateway|[A-Z][A-Za-z0-9]+/g)]
    .map(([name]) => name)
    .filter((name) => !['HTTP', 'API', 'The'].includes(name))
    .toSorted();

test('the README names the services of a stack', () => {
  expect(servicesOf(synthesized({}))).toEqual(named(always));
});

test('the README names the services that the log of the record adds', () => {
  const added = servicesOf(synthesized({ audit: 'on' })).filter((service) => !named(always).includes(service));

  expect(added).toEqual(named(withLog));
});
