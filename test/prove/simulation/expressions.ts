// Evaluates the expressions of DynamoDB as far as the product uses them. It throws on everything else.
import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The values to which an expression refers, besides the item. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Attributes;
}

interface Scope extends Placeholders {
  readonly item: Attributes;
}

type Condition = (scope: Scope) => boolean;
type Operand = (scope: Scope) => AttributeValue | undefined;
type Assignment = (scope: Scope) => readonly [string, AttributeValue];

/** The texts `#name` and `:name` that an expression contains. DynamoDB refuses a request that defines others. */
export function placeholdersIn(expression: string): readonly string[] {
  return expression.match(/[#:]\w+/g) ?? [];
}

const TOKEN = /\s*(<>|<=|>=|[=<>(),]|[#:]?[A-Za-z_]\w*)\s*/y;

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`The engine does not know ${expression.slice(at)} in an expression.`);
    tokens.push(token);
  }
  return tokens;
}

/** Compares two numbers or two texts. DynamoDB orders texts by their UTF-8 bytes. */
function order(one: AttributeValue, other: AttributeValue): number | undefined {
  if (one.N !== undefined && other.N !== undefined) return Number(one.N) - Number(other.N);
  if (one.S !== undefined && other.S !== undefined) return Buffer.compare(Buffer.from(one.S), Buffer.from(other.S));
  return undefined;
}

function areEqual(one: AttributeValue, other: AttributeValue): boolean {
  return one.N !== undefined && other.N !== undefined
    ? Number(one.N) === Number(other.N)
    : isDeepStrictEqual(one, other);
}

type Comparison = (one: AttributeValue, other: AttributeValue) => boolean;

function ordered(holds: (difference: number) => boolean): Comparison {
  return (one, other) => {
    const difference = order(one, other);
    return difference !== undefined && holds(difference);
  };
}

const comparisons: Readonly<Record<string, Comparison>> = {
  '=': areEqual,
  '<': ordered((difference) => difference < 0),
  '<=': ordered((difference) => difference <= 0),
  '>': ordered((difference) => difference > 0),
  '>=': ordered((difference) => difference >= 0),
};

/** Reads the tokens of one expression from the left to the right. */
class Parser {
  readonly #expression: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokensOf(expression);
  }

  #take(): string {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new Error(`The expression ends too early: ${this.#expression}`);
    this.#next += 1;
    return token;
  }

  #takeIf(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#takeIf(token)) throw new Error(`The engine expects ${token} in: ${this.#expression}`);
  }

  end(): void {
    if (this.#next < this.#tokens.length)
      throw new Error(`The engine does not know this expression: ${this.#expression}`);
  }

  #path(): (scope: Scope) => string {
    const token = this.#take();
    if (!/^#?[A-Za-z_]/.test(token))
      throw new Error(`The engine expects an attribute, not ${token}, in: ${this.#expression}`);
    return ({ names }) => (token.startsWith('#') ? (names[token] ?? '') : token);
  }

  #operand(): Operand {
    if (this.#tokens[this.#next]?.startsWith(':')) {
      const token = this.#take();
      return ({ values }) => values[token];
    }
    const path = this.#path();
    return (scope) => scope.item[path(scope)];
  }

  #function(): Condition | undefined {
    if (this.#takeIf('attribute_exists')) return this.#presence(true);
    if (this.#takeIf('attribute_not_exists')) return this.#presence(false);
    if (!this.#takeIf('contains')) return undefined;
    this.#expect('(');
    const text = this.#operand();
    this.#expect(',');
    const part = this.#operand();
    this.#expect(')');
    return (scope) => text(scope)?.S?.includes(part(scope)?.S ?? '') ?? false;
  }

  #presence(isWanted: boolean): Condition {
    this.#expect('(');
    const path = this.#path();
    this.#expect(')');
    return (scope) => (scope.item[path(scope)] !== undefined) === isWanted;
  }

  #comparison(): Condition {
    const left = this.#operand();
    const operator = this.#take();
    if (operator === 'BETWEEN') {
      const [first, , last] = [this.#operand(), this.#expect('AND'), this.#operand()];
      return (scope) => holds('>=', left(scope), first(scope)) && holds('<=', left(scope), last(scope));
    }
    const right = this.#operand();
    return (scope) => holds(operator, left(scope), right(scope));
  }

  #primary(): Condition {
    if (!this.#takeIf('(')) return this.#function() ?? this.#comparison();
    const inner = this.condition();
    this.#expect(')');
    return inner;
  }

  #conjunction(): Condition {
    const parts = [this.#primary()];
    while (this.#takeIf('AND')) parts.push(this.#primary());
    return (scope) => parts.every((part) => part(scope));
  }

  condition(): Condition {
    const parts = [this.#conjunction()];
    while (this.#takeIf('OR')) parts.push(this.#conjunction());
    return (scope) => parts.some((part) => part(scope));
  }

  #assignment(): Assignment {
    const path = this.#path();
    this.#expect('=');
    const isOnlyIfNotSet = this.#takeIf('if_not_exists');
    if (!isOnlyIfNotSet) return assignment(path, this.#operand());
    this.#expect('(');
    const present = this.#operand();
    this.#expect(',');
    const otherwise = this.#operand();
    this.#expect(')');
    return assignment(path, (scope) => present(scope) ?? otherwise(scope));
  }

  assignments(): readonly Assignment[] {
    this.#expect('SET');
    const all = [this.#assignment()];
    while (this.#takeIf(',')) all.push(this.#assignment());
    return all;
  }
}

function assignment(path: (scope: Scope) => string, value: Operand): Assignment {
  return (scope) => {
    const assigned = value(scope);
    if (assigned === undefined) throw new Error('An update assigns the value of an attribute that does not exist.');
    return [path(scope), assigned];
  };
}

/** A comparison with an attribute that does not exist is false; `<>` is true. */
function holds(operator: string, one: AttributeValue | undefined, other: AttributeValue | undefined): boolean {
  if (operator === '<>') return one === undefined || other === undefined || !areEqual(one, other);
  const compare = comparisons[operator];
  if (!compare) throw new Error(`The engine does not know the operator ${operator}.`);
  return one !== undefined && other !== undefined && compare(one, other);
}

function remembered<Parsed>(parse: (parser: Parser) => Parsed): (expression: string) => Parsed {
  const known = new Map<string, Parsed>();
  return (expression) => {
    const before = known.get(expression);
    if (before !== undefined) return before;
    const parser = new Parser(expression);
    const parsed = parse(parser);
    parser.end();
    known.set(expression, parsed);
    return parsed;
  };
}

const conditionOf = remembered((parser) => parser.condition());
const assignmentsOf = remembered((parser) => parser.assignments());

/** Returns whether an item, or no item, meets a condition expression, a key condition or a filter. Without an expression it does. */
export function meets(
  item: Attributes | undefined,
  expression: string | undefined,
  placeholders: Placeholders,
): boolean {
  return expression === undefined || conditionOf(expression)({ ...placeholders, item: item ?? {} });
}

/** Returns the item after an update expression, which reads the item as it was before. */
export function updated(item: Attributes, expression: string, placeholders: Placeholders): Attributes {
  const scope = { ...placeholders, item };
  return { ...item, ...Object.fromEntries(assignmentsOf(expression).map((assign) => assign(scope))) };
}
