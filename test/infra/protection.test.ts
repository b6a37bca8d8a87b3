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

const unprotected = synthesized({ stage: 'staging', protected: false });
const protectedOne = synthesized({ stage: 'staging', protected: true });

test('a protected stack differs from another one only in what it retains and protects', () => {
  expect([...new Set(differences(unprotected, protectedOne))].sort()).toEqual([
    'DeletionPolicy',
    'DeletionProtectionEnabled',
    'PendingWindowInDays',
    'RetentionInDays',
    'UpdateReplacePolicy',
    'Value',
  ]);
  expect([unprotected, protectedOne].map(({ Outputs }) => Outputs.Protected?.Value)).toEqual(['false', 'true']);
});

test('a stage differs from another one only in its name', () => {
  const other = synthesized({ stage: 'other', stackName: 'actor-tokens-staging' });

  expect([...new Set(differences(protectedOne, other))].sort()).toEqual(['Description', 'Value']);
  expect(other.Outputs.Stage?.Value).toBe('other');
});

test.each([
  [{ stage: 'dev' }, false],
  [{ stage: 'prod' }, true],
  [{ stage: 'staging' }, true],
  [{ stage: 'staging', protected: false }, false],
  [{ stage: 'dev', protected: true }, true],
])('whether the stack of %o cannot be destroyed by mistake: %s', (props, isProtected) => {
  expect(appWith(props).stack.terminationProtection).toBe(isProtected);
});
