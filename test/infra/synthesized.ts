import { rmSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { ActorTokensStack } from '../../cdk/actor-tokens-stack.ts';
import { stackConfig } from '../../cdk/config.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };
import type { LambdaName } from '../../functions/routes.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface AppOptions {
  /** Whether CloudFormation's rules are checked, which takes a second. */
  readonly checked: boolean;
}

const made: App[] = [];

/** Removes what the apps made so far have written. */
export function discardApps(): void {
  for (const { outdir } of made.splice(0)) rmSync(outdir, { recursive: true, force: true });
}

/**
 * An app with the stack as cdk.json and `context` configure it. Its functions' code is not bundled: no template depends
 * on it.
 */
export function appWith(context: Readonly<Record<string, unknown>>, { checked }: AppOptions) {
  const app = new App({
    context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [], ...context },
    analyticsReporting: false,
    builtinCloudFormationValidation: checked,
  });
  made.push(app);
  return { app, stack: new ActorTokensStack(app, stackConfig(app.node)) };
}

const templates = new Map<string, Template>();

/** The template as `cdk deploy -c name=value …` would send it; each is made once. */
export function synthesized(context: Readonly<Record<string, unknown>> = { stage: 'dev' }): Template {
  const key = JSON.stringify(context);
  const template = templates.get(key) ?? synthesize(context);
  templates.set(key, template);
  return template;
}

function synthesize(context: Readonly<Record<string, unknown>>): Template {
  const { app, stack } = appWith(context, { checked: false });
  const assembly = app.synth();
  const template: Template = assembly.getStackArtifact(stack.artifactId).template;
  discardApps();
  return template;
}

export function resourcesOf(template: Template, type: string): readonly (readonly [id: string, resource: Resource])[] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** A logical id without the hash CDK ends it with. */
export function nameOf(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** The name in the logical ids of a Lambda's resources. */
export function resourceName(lambda: LambdaName): string {
  return lambda.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase());
}

/**
 * What a value of the template refers to, to compare and to read: `UsersTable`, `UsersTable/index/byCreated`,
 * `UsersFunction.Arn`. Anything else is given as JSON.
 */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = ['', undefined]] = Object.entries(Object(value));
  if (kind === 'Ref' && typeof argument === 'string') return nameOf(argument);
  if (kind === 'Fn::GetAtt' && Array.isArray(argument)) return `${nameOf(argument[0])}.${argument[1]}`;
  if (kind === 'Fn::Join' && Array.isArray(argument) && argument[0] === '') return argument[1].map(readable).join('');
  return JSON.stringify(value);
}
