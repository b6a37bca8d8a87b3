/** Reads the configuration of a deployed instance from the template of its stack, which no checkout can change. */
import * as v from 'valibot';
import { configLimits, limitNames } from '../../config/limit-names.ts';
import { outputNameOf } from '../../output-name.ts';
import type { KeyName } from '../../signing-key.ts';
import { tableNames } from '../../table-definitions.ts';
import type { ComparedConfig } from './compared-config.ts';

const template = v.object({
  Resources: v.record(
    v.string(),
    v.object({
      Type: v.string(),
      DeletionPolicy: v.optional(v.string()),
      Properties: v.optional(v.record(v.string(), v.unknown()), {}),
    }),
  ),
  Outputs: v.optional(v.record(v.string(), v.object({ Value: v.unknown() })), {}),
});

type Resources = v.InferOutput<typeof template>['Resources'];

const reference = v.object({ Ref: v.string() });

/** The logical ids of keys: one reference, or several that are joined with commas. */
const keyReferences = v.pipe(
  v.union([
    v.pipe(
      reference,
      v.transform((only) => [only]),
    ),
    v.pipe(
      v.object({ 'Fn::Join': v.tuple([v.literal(''), v.array(v.union([reference, v.literal(',')]))]) }),
      v.transform(({ 'Fn::Join': [, parts] }) => parts.filter((part) => part !== ',')),
    ),
  ]),
  v.transform((all) => all.map(({ Ref }) => Ref)),
);

const wholeNumber = v.pipe(v.string(), v.digits(), v.transform(Number));

/** The environment of a function of an instance. Limits and tables are read by the names of their variables. */
const variables = v.looseObject({
  GENERATION: wholeNumber,
  TICKET_KEY_IDS: keyReferences,
  SESSION_KEY_IDS: keyReferences,
  INSTANCE_ID: v.string(),
  /** The variable of the sealer only. */
  AUDIT_KEY_IDS: v.optional(keyReferences),
  ORIGIN_SECRET_HASHES: v.optional(v.string(), ''),
});

type Variables = v.InferOutput<typeof variables>;

const functionProperties = v.object({ Environment: v.object({ Variables: variables }) });

const aliasProperties = v.object({
  AliasName: v.string(),
  TargetKeyId: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
});

/** The deletion policies of a protected key. Versions before 0.2.0 deployed `Retain`. */
const KEPT: readonly (string | undefined)[] = ['Retain', 'RetainExceptOnCreate'];

/** Returns the properties of the resources of a type that have this form. */
function propertiesOf<Schema extends v.GenericSchema>(resources: Resources, type: string, schema: Schema) {
  return Object.values(resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => v.safeParse(schema, Properties))
    .flatMap(({ success, output }) => (success ? [output] : []));
}

/** Returns the keys of a kind with the numbers in their aliases: `…/ticket` is that of number 1, `…/ticket-2` of number 2. */
function aliasNumbers(resources: Resources, kind: KeyName | 'audit'): readonly (readonly [key: string, number])[] {
  return propertiesOf(resources, 'AWS::KMS::Alias', aliasProperties).flatMap(({ AliasName, TargetKeyId }) => {
    const [alias, number = '1'] = new RegExp(`/${kind}(?:-(\\d+))?$`).exec(AliasName) ?? [];
    return alias === undefined ? [] : [[TargetKeyId['Fn::GetAtt'][0], Number(number)] as const];
  });
}

/** Returns the numbers of these keys. */
function keyNumbers(resources: Resources, kind: KeyName | 'audit', keys: readonly string[]): readonly number[] {
  const numbers = new Map(aliasNumbers(resources, kind));
  return keys.flatMap((key) => numbers.get(key) ?? []);
}

function limitsOf(environment: Variables): ComparedConfig['limits'] {
  const values = limitNames.map(
    (name) => [name, v.safeParse(wholeNumber, environment[configLimits[name].variable])] as const,
  );
  return Object.fromEntries(values.flatMap(([name, { success, output }]) => (success ? [[name, output]] : [])));
}

/** The name of a restored table is a text; a table of the stack is a reference. */
function restoredTablesOf(environment: Variables): ComparedConfig['restoredTables'] {
  const tables = new Map(Object.entries(environment).map(([variable, value]) => [outputNameOf(variable), value]));
  const names = tableNames.map((name) => [name, tables.get(`${name}Table`)] as const);
  return Object.fromEntries(names.filter(([, table]) => typeof table === 'string'));
}

/** Returns the names of the outputs in a template. */
export function outputNamesOf(json: unknown): readonly string[] {
  const parsed = v.safeParse(template, json);
  return parsed.success ? Object.keys(parsed.output.Outputs) : [];
}

/**
 * Returns the configuration of an instance in a template. Returns undefined if there is none, or one of a version whose generation
 * and keys cannot be read.
 *
 * @param construct the id of the instance, as `chooseInstance` returns it
 */
export function deployedConfigOf(json: unknown, construct: string): ComparedConfig | undefined {
  const parsed = v.safeParse(template, json);
  if (!parsed.success) return undefined;
  const { Resources: resources, Outputs: outputs } = parsed.output;
  const outputOf = (name: string) => outputs[`${construct}${name}`]?.Value;
  const environments = propertiesOf(resources, 'AWS::Lambda::Function', functionProperties)
    .map(({ Environment }) => Environment.Variables)
    .filter(({ INSTANCE_ID }) => INSTANCE_ID === outputOf('InstanceId'));
  const [environment] = environments;
  if (!environment) return undefined;
  const { GENERATION, TICKET_KEY_IDS, SESSION_KEY_IDS, ORIGIN_SECRET_HASHES } = environment;
  const ticketKeys = keyNumbers(resources, 'ticket', TICKET_KEY_IDS);
  const sessionKeys = keyNumbers(resources, 'session', SESSION_KEY_IDS);
  if (ticketKeys.length < TICKET_KEY_IDS.length || sessionKeys.length < SESSION_KEY_IDS.length) return undefined;
  return {
    isProtected: TICKET_KEY_IDS.every((key) => KEPT.includes(resources[key]?.DeletionPolicy)),
    generation: GENERATION,
    limits: limitsOf(environment),
    ticketKeys,
    sessionKeys,
    restoredTables: restoredTablesOf(environment),
    operatorsAreRequired: outputOf('Operators') === 'required',
    hasPolicy: outputOf('PolicyVersion') !== undefined,
    auditKeys: environments.flatMap(({ AUDIT_KEY_IDS = [] }) => keyNumbers(resources, 'audit', AUDIT_KEY_IDS)),
    originSecretHashes: ORIGIN_SECRET_HASHES.split(',').filter((hash) => hash !== ''),
  };
}
