/** One action that a request needs to be allowed, in IAM's terms. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  /** The condition keys that the request has a value for. */
  readonly context?: Readonly<Record<string, string | undefined>>;
}

/** A statement of a policy. Each pattern matches a whole name. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
  /** The accepted values of each condition key. A request without the key does not meet the condition. */
  readonly stringEquals: Readonly<Record<string, readonly string[]>>;
}

/** Why a need is not met: a statement denies it, or no statement allows it. */
export type Denial = 'explicit' | 'implicit';

/** Returns the regular expression of an IAM pattern, in which `*` stands for any text and `?` for any character. */
export function pattern(text: string, flags = ''): RegExp {
  const source = text
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

function applies({ actions, resources, stringEquals }: Statement, { action, resource, context = {} }: Need): boolean {
  return (
    actions.some((allowed) => allowed.test(action)) &&
    resources.some((allowed) => allowed.test(resource)) &&
    Object.entries(stringEquals).every(([key, values]) => values.some((value) => value === context[key]))
  );
}

/**
 * Returns why the statements of one policy do not allow a need, or undefined when they do. A statement that denies takes
 * precedence over those that allow.
 */
export function denialOf(statements: readonly Statement[], need: Need): Denial | undefined {
  const effects = statements.filter((statement) => applies(statement, need)).map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'explicit';
  return effects.includes('Allow') ? undefined : 'implicit';
}
