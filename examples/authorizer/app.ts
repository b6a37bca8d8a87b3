import { App } from 'aws-cdk-lib/core';
import * as v from 'valibot';
import { NotesStack } from './notes-stack.ts';

/** The context values, which `cdk` takes as `-c name=value`. */
const contextSchema = v.object({
  issuer: v.pipe(v.string(), v.url()),
  authorizedParties: v.pipe(
    v.string(),
    v.transform((origins) => origins.split(',')),
  ),
  writesWhileImpersonating: v.optional(v.picklist(['allow', 'refuse']), 'refuse'),
});

const app = new App();
const given = Object.keys(contextSchema.entries).map((name) => [name, app.node.tryGetContext(name)]);
new NotesStack(app, v.parse(contextSchema, Object.fromEntries(given)));
app.synth();
