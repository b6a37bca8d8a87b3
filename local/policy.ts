/** One thing that a request asks to do, in the words of IAM. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  /** The condition keys that the request has a value for. */
  readonly context?: Readonly<Record<string, string | undefined>>;
}

/** A statement of a policy. All patterns are whole ones. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
  /** The values each condition key may have; a request without the key does not meet it. */
  readonly stringEquals: Readonly<Record<string, readonly string[]>>;
}

/** What stands in the way of a need: a statement that denies it, or none that allows it. */
export type Denial = 'explicit' | 'implicit';

/** A pattern of IAM, where `*` stands for any text and `?` for any character. */
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

/** IAM's decision for one identity: denied unless a statement allows it, and whenever one denies it. */
export function denialOf(statements: readonly Statement[], need: Need): Denial | undefined {
  const effects = statements.filter((statement) => applies(statement, need)).map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'explicit';
  return effects.includes('Allow') ? undefined : 'implicit';
}
