import { Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import * as v from 'valibot';
import { ConfigError } from './config/error.ts';
import { entries } from './config/schema.ts';

/** Returns the ids of a construct and of those between it and its stack. `Default` adds nothing to a name, as in logical ids. */
export function idsInStack(construct: Construct): readonly string[] {
  const inStack = construct.node.scopes.slice(Stack.of(construct).node.scopes.length);
  return inStack.map(({ node }) => node.id).filter((id) => id !== 'Default');
}

/**
 * Returns the beginning of the names of an instance: the given one, or the name of its stack and its own id.
 *
 * @throws ConfigError if the names of AWS resources cannot begin with it
 */
export function namePrefixOf(instance: Construct, given: string | undefined): string {
  const byDefault = [Stack.of(instance).stackName, ...idsInStack(instance)].join('-');
  const name = given ?? byDefault;
  if (v.is(entries.stackName, name)) return name;
  if (Token.isUnresolved(name))
    throw new ConfigError(
      'The name of this stack is known at the deployment only: set the prop namePrefix, such as support.',
    );
  throw new ConfigError(
    `namePrefix is ${JSON.stringify(name)}${given === undefined ? ' by default' : ''}: set the prop to up to 32 letters, digits and hyphens, ` +
      'beginning with a letter, such as support.',
  );
}
