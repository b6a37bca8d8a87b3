// Reads the policy: a file that is reviewed like code, and whose cases every synthesis runs.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import * as v from 'valibot';
import { limits } from '../../shared/base/limits.ts';
import type { Policy } from '../../shared/base/policy.ts';
import { ConfigError } from '../config/error.ts';
import { type Outcome, outcomeOf } from './policy-case.ts';
import { type PolicyFile, policySchema, rulesOf } from './policy-schema.ts';

export interface ReadPolicy {
  readonly policy: Policy;
  readonly outcomes: readonly Outcome[];
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigError(`The policy ${name} cannot be read (${code}): write the path of a JSON file.`);
  }
}

/** Names that JavaScript and valibot treat in a special way. A rule that lost such an attribute would be for more people. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

function parseJson(text: string, name: string): unknown {
  const refuseReserved = (key: string, value: unknown) => {
    if (RESERVED.includes(key)) throw new ConfigError(`The policy ${name} has the name ${key}: use another attribute.`);
    return value;
  };
  try {
    return JSON.parse(text, refuseReserved);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`The policy ${name} is not valid JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

/** Returns the place of an issue, as in `rules[2].require.reason`. */
function placeOf({ path }: v.BaseIssue<unknown>): string {
  return (path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function issueSentence(issue: v.BaseIssue<unknown>, name: string): string {
  const place = placeOf(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `The policy ${name} has ${place}, which is not a name of a policy: remove it, or correct its name.`;
  const problem = issue.input === undefined ? 'missing' : JSON.stringify(issue.input);
  const expected = issue.message.startsWith('Invalid') ? String(issue.expected) : issue.message;
  return `The policy ${name} is wrong: ${place || 'it'} is ${problem}; write ${expected}.`;
}

function checked(input: unknown, name: string): PolicyFile {
  const result = v.safeParse(policySchema, input);
  if (!result.success) throw new ConfigError(issueSentence(result.issues[0], name));
  const ids = result.output.rules.map(({ id }) => id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined)
    throw new ConfigError(`The policy ${name} has two rules with the id ${repeated}: give each rule its own.`);
  return result.output;
}

/**
 * Reads a policy and runs its cases. A case that fails does not fail the reading.
 *
 * @throws ConfigError for a file that is no policy
 */
export function readPolicy(path: string): ReadPolicy {
  const name = relative(process.cwd(), path) || path;
  const text = readText(path, name);
  if (Buffer.byteLength(text) > limits.policyBytes)
    throw new ConfigError(`The policy ${name} has more than ${limits.policyBytes} bytes: remove rules or cases.`);
  const file = checked(parseJson(text, name), name);
  const version = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const policy: Policy = { version, rules: rulesOf(file) };
  return { policy, outcomes: file.cases.map((each) => outcomeOf(policy, each)) };
}

/**
 * Reads a policy whose cases all have the expected outcome.
 *
 * @throws ConfigError for a file that is no policy, and for the first case that has another outcome
 */
export function readCheckedPolicy(path: string): Policy {
  const { policy, outcomes } = readPolicy(path);
  const failed = outcomes.find(({ isExpected }) => !isExpected);
  if (failed)
    throw new ConfigError(
      `The policy ${relative(process.cwd(), path)} does not decide the case "${failed.name}" as it expects: it is ` +
        `${failed.decided}. Correct the rules, or the case.`,
    );
  return policy;
}
