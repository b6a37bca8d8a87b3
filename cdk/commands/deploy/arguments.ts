/** Tells the options of `npm run deploy` from those of `cdk deploy`. */
import { parseArgs } from 'node:util';
import { quote } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { type RefusableName, refusableNames } from './refusals.ts';

/** `allow` is the command's own. The others belong to the CDK, and the check needs their values. */
const options = {
  allow: { type: 'string', multiple: true },
  context: { type: 'string', short: 'c', multiple: true },
  profile: { type: 'string' },
  region: { type: 'string' },
  app: { type: 'string', short: 'a' },
  // The CDK takes the short names of its options behind two dashes as well.
  a: { type: 'string' },
} as const;

/** The CDK reads each of its options from a variable too. */
const APP_VARIABLES = ['CDK_APP', 'CDK_A'];

export interface DeployArguments {
  readonly allowed: readonly RefusableName[];
  /** The arguments for the CDK: all but `--allow`, in their order. */
  readonly ofCdk: readonly string[];
  /** The values of `-c name=value`. */
  readonly context: Readonly<Record<string, string>>;
  readonly profile: string | undefined;
  readonly region: string | undefined;
}

/**
 * Reads the value of `--allow`.
 *
 * @throws UsageError
 */
export function refusableName(value: unknown): RefusableName {
  const name = refusableNames.find((each) => each === value);
  if (name) return name;
  const problem = typeof value === 'string' && value !== '' ? `does not know ${quote(value)}` : 'needs a name';
  throw new UsageError(`--allow ${problem}: write one of ${refusableNames.join(', ')}.`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Splits `name=value` as the CDK does. It also accepts `-c=name=value`. */
function contextOf(values: readonly unknown[]): DeployArguments['context'] {
  const pairs = values.map((value) => String(value).replace(/^=/, '').split(/=(.*)/s, 2));
  return Object.fromEntries(pairs.flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value]])));
}

/**
 * Reads the arguments of `npm run deploy`. Options that it does not know are those of the CDK, which refuses unknown ones itself.
 *
 * @param environment whose variables the CDK will read
 * @throws UsageError for an unknown name after `--allow`, and for `--app`
 */
export function readDeployArguments(args: readonly string[], environment: NodeJS.ProcessEnv): DeployArguments {
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const isOtherApp = values.app !== undefined || values.a !== undefined;
  const otherApp = isOtherApp ? '--app' : APP_VARIABLES.find((name) => environment[name] !== undefined);
  if (otherApp !== undefined)
    throw new UsageError(
      `${otherApp} deploys another app, or one that was synthesized before, which this command cannot check: omit it, or deploy ` +
        'unchecked with "npx cdk deploy --all --app …".',
    );
  const own = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== 'option' || token.name !== 'allow') return [];
      return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
    }),
  );
  return {
    allowed: (values.allow ?? []).map(refusableName),
    ofCdk: args.filter((_, index) => !own.has(index)),
    context: contextOf(values.context ?? []),
    profile: textOf(values.profile),
    region: textOf(values.region),
  };
}
