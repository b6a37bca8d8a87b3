import { rmSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { ActorTokensStack } from '../../cdk/actor-tokens-stack.ts';
import { buildBundles } from '../../cdk/bundle/build.ts';
import { CloudFrontStack } from '../../cdk/cloud-front-stack.ts';
import { parseConfig } from '../../cdk/config/config.ts';
import type { ConfigInput } from '../../cdk/config/schema.ts';
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

interface AppOptions {
  /** True if CDK checks the rules of CloudFormation, which takes a second. */
  readonly checked: boolean;
}

await buildBundles();

const apps: App[] = [];

/** Deletes the files that the apps of the tests have written. */
export function discardApps(): void {
  for (const { outdir } of apps.splice(0)) rmSync(outdir, { recursive: true, force: true });
}

/** An app without stacks. The code of its functions is not copied, because no template depends on it. */
export function emptyApp({ checked }: AppOptions = { checked: false }): App {
  const app = new App({
    context: { ...cdkJson.context, 'aws:cdk:disable-asset-staging': true },
    analyticsReporting: false,
    builtinCloudFormationValidation: checked,
  });
  apps.push(app);
  return app;
}

/** An app with the stacks that cdk/app.ts creates for a configuration. */
export function appWith(props: ConfigInput, options?: AppOptions) {
  const app = emptyApp(options);
  const config = parseConfig(props);
  const stack = new ActorTokensStack(app, config);
  const cloudFrontStack = config.cloudFront && new CloudFrontStack(app, config, config.cloudFront);
  return { app, stack, cloudFrontStack };
}

interface Synthesized {
  readonly api: Template;
  /** Empty without CloudFront. */
  readonly cloudFront: Template;
}

const templates = new Map<string, Synthesized>();

function synthesize(props: ConfigInput): Synthesized {
  const { app, stack, cloudFrontStack } = appWith(props);
  const assembly = app.synth();
  const api: Template = assembly.getStackArtifact(stack.artifactId).template;
  const cloudFront: Template = cloudFrontStack
    ? assembly.getStackArtifact(cloudFrontStack.artifactId).template
    : { Resources: {}, Outputs: {} };
  discardApps();
  return { api, cloudFront };
}

function synthesizedOnce(props: ConfigInput): Synthesized {
  const key = JSON.stringify(props);
  const result = templates.get(key) ?? synthesize(props);
  templates.set(key, result);
  return result;
}

/** The template of an instance. Each configuration is synthesized once. */
export function synthesized(props: ConfigInput = {}): Template {
  return synthesizedOnce(props).api;
}

/** The template of CloudFront in front of an instance. */
export function synthesizedCloudFront(props: ConfigInput): Template {
  return synthesizedOnce(props).cloudFront;
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
 * Returns the target of a reference in the template, for comparing and reading: `UsersTable`, `UsersTable/index/byCreated`,
 * `UsersFunction.Arn`. Returns any other value as JSON.
 */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = ['', undefined]] = Object.entries(Object(value));
  if (kind === 'Ref' && typeof argument === 'string') return nameOf(argument);
  if (kind === 'Fn::GetAtt' && Array.isArray(argument)) return `${nameOf(argument[0])}.${argument[1]}`;
  if (kind === 'Fn::Join' && Array.isArray(argument) && argument[0] === '') return argument[1].map(readable).join('');
  return JSON.stringify(value);
}

/** A value of the template with every reference in it made readable. */
function withReadableReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReadableReferences);
  if (Object(value) !== value) return value;
  const members = Object.entries(Object(value));
  if (members.length === 1 && /^(Ref|Fn::.*)$/.test(members[0]?.[0] ?? '')) return readable(value);
  return Object.fromEntries(members.map(([name, member]) => [name, withReadableReferences(member)]));
}

/** The properties of every resource of a type, or of one of them: `AWS::KMS::Key TicketKey`. */
export function propertiesOf(template: Template, kind: string): readonly unknown[] {
  const [type = '', name = ''] = kind.split(' ');
  return resourcesOf(template, type)
    .filter(([id]) => id.startsWith(name))
    .map(([, { Properties }]) => withReadableReferences(Properties));
}

/** The environment variables of a Lambda. */
export function environmentOf(template: Template, lambda: LambdaName): Readonly<Record<string, string>> {
  const [, fn] = resourcesOf(template, 'AWS::Lambda::Function').find(([id]) =>
    id.startsWith(`${resourceName(lambda)}Function`),
  ) ?? ['', undefined];
  const { Variables = {} } = Object(fn?.Properties.Environment);
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, readable(value)]));
}
