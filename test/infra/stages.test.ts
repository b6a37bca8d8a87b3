import { afterEach, expect, test } from 'vitest';
import { appWith, discardApps, synthesized } from './synthesized.ts';

afterEach(discardApps);

/** The names under which two values of a template differ. */
function differences(one: unknown, other: unknown, name = ''): readonly string[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  if (Object(one) !== one || Object(other) !== other) return [name];
  const names = new Set([...Object.keys(Object(one)), ...Object.keys(Object(other))]);
  return [...names].flatMap((key) => differences(Object(one)[key], Object(other)[key], key));
}

test('prod differs from dev only in what it retains and protects, and in its name', () => {
  const [dev, prod] = (['dev', 'prod'] as const).map((stage) => {
    const template = synthesized({ stage, stackName: 'actor-tokens' });
    const { Stage, ...Outputs } = template.Outputs;
    expect(Stage?.Value).toBe(stage);
    return { ...template, Outputs };
  });

  expect([...new Set(differences(dev, prod))].sort()).toEqual([
    'DeletionPolicy',
    'DeletionProtectionEnabled',
    'Description',
    'PendingWindowInDays',
    'RetentionInDays',
    'UpdateReplacePolicy',
  ]);
});

test('the stack of prod cannot be destroyed by mistake', () => {
  expect(appWith({ stage: 'prod' }).stack.terminationProtection).toBe(true);
  expect(appWith({ stage: 'dev' }).stack.terminationProtection).toBe(false);
});
