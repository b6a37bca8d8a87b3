import { CfnOutput } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { idsInStack } from './name-prefix.ts';
import type { Outputs } from './outputs.ts';

/** Adds the values to the outputs of the stack. Their names begin with the id of the instance: `ActorTokensApiUrl`. */
export function addOutputs(instance: Construct, outputs: Outputs): void {
  // A scope of their own, because tables have the same names.
  const scope = new Construct(instance, 'Outputs');
  const id = idsInStack(instance)
    .join('')
    .replaceAll(/[^A-Za-z0-9]/g, '');
  for (const [name, output] of Object.entries(outputs))
    new CfnOutput(scope, name, output).overrideLogicalId(`${id}${name}`);
}
