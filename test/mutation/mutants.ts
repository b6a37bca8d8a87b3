// Makes the mutants of a source text from its syntax tree: small changes, each of which some test must notice.
import { createHash } from 'node:crypto';
import { parseAst } from 'vitest/node';

/** A small change of a source text. `rest` is everything that is not a condition or a calculation with numbers. */
export interface Mutant {
  /** The file, the declaration around the change, and the change without white space, so it survives reformatting. */
  readonly id: string;
  /** A short name for `id`, which the changed text calls the mutant by. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
  readonly group: 'condition' | 'number' | 'rest';
  readonly before: string;
  readonly after: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

interface Change {
  readonly node: Node;
  readonly group: Mutant['group'];
  readonly form: 'expression' | 'statement' | 'member';
  readonly after: string;
}

const OPERATORS: ReadonlyMap<string, readonly string[]> = new Map([
  ['<', ['<=', '>']],
  ['<=', ['<', '>']],
  ['>', ['>=', '<']],
  ['>=', ['>', '<']],
  ['===', ['!==']],
  ['!==', ['===']],
  ['&&', ['||']],
  ['||', ['&&']],
  ['+', ['-']],
  ['-', ['+']],
  ['*', ['/']],
  ['/', ['*']],
]);
const IN_CONDITION: ReadonlyMap<string, string> = new Map([
  ['=', '<>'],
  ['<>', '='],
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['attribute_exists', 'attribute_not_exists'],
  ['attribute_not_exists', 'attribute_exists'],
]);
const REQUEST_MEMBERS = new Set([
  'ConsistentRead',
  'ConditionExpression',
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
]);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function nodeAt(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}

/** Returns the nodes below a node that are part of the running program: no types, no names of modules, no keys of objects. */
function childrenOf(node: Node): readonly Node[] {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return [];
  if (node.type === 'TaggedTemplateExpression')
    return [node.quasi].flatMap((quasi) => (isNode(quasi) ? childrenOf(quasi) : []));
  const isTyped = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'].includes(node.type);
  if (node.type.startsWith('TS') && !isTyped) return [];
  return Object.entries(node)
    .filter(([name]) => name !== 'typeAnnotation' && !(name === 'key' && !node.computed) && name !== 'source')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

/** Returns the parts of a condition expression between AND and OR outside of parentheses, with the places where they start. */
function termsOf(text: string): readonly { readonly at: number; readonly term: string }[] {
  const terms: { at: number; term: string }[] = [];
  let depth = 0;
  let from = 0;
  for (const match of text.matchAll(/[()]|\s*\b(?:AND|OR)\b\s*|$/g)) {
    if (match[0] === '(') depth += 1;
    else if (match[0] === ')') depth -= 1;
    else if (depth === 0) {
      if (/[=<>(]/.test(text.slice(from, match.index))) terms.push({ at: from, term: text.slice(from, match.index) });
      from = match.index + match[0].length;
    }
  }
  return terms.flatMap((found) => {
    const isGroup = found.term.startsWith('(') && found.term.endsWith(')');
    const inner = isGroup ? termsOf(found.term.slice(1, -1)) : [];
    return inner.length > 1 ? [found, ...inner.map(({ at, term }) => ({ at: found.at + 1 + at, term }))] : [found];
  });
}

/**
 * Returns the changes of a condition expression of DynamoDB. A dropped term becomes `(term OR NOT term)`, which always holds, because
 * DynamoDB refuses a request with a value that its expression does not use, and any test would notice that.
 */
function changesOfCondition(text: string): readonly string[] {
  // Placeholders of a template stay as they are: their texts are mutated where they are written.
  const hidden = text.replaceAll(/\$\{[^}]*\}/g, (each) => '_'.repeat(each.length));
  const dropped = termsOf(hidden).map(({ at, term }) => {
    const written = text.slice(at, at + term.length);
    return `${text.slice(0, at)}(${written} OR NOT ${written})${text.slice(at + term.length)}`;
  });
  const compared = [...hidden.matchAll(/(?<= )(?:<=|>=|<>|=|<|>)(?= )|attribute_(?:not_)?exists/g)].map(
    ({ 0: operator, index }) =>
      `${text.slice(0, index)}${IN_CONDITION.get(operator)}${text.slice(index + operator.length)}`,
  );
  return [...dropped, ...compared];
}

const isConditionText = (text: string) => /[=<>] :\w|attribute_(?:not_)?exists\(/.test(text);

/** Returns the changes of one node; those of the nodes below it are made apart. */
function changesOf(node: Node, source: string): readonly Change[] {
  const written = (child: Node) => source.slice(child.start, child.end);
  const text = written(node);
  const expression = (group: Mutant['group'], after: string): Change => ({ node, group, form: 'expression', after });
  const [left, right] = [nodeAt(node.left), nodeAt(node.right)];
  if ((node.type === 'BinaryExpression' || node.type === 'LogicalExpression') && left && right) {
    const group = /^[-+*/]$/.test(String(node.operator)) ? 'number' : 'condition';
    // The text between the operands can have parentheses of theirs.
    const between = source.slice(left.end, right.start);
    return (OPERATORS.get(String(node.operator)) ?? []).map((operator) => {
      const changed = between.replace(String(node.operator), () => operator);
      return expression(group, source.slice(node.start, left.end) + changed + source.slice(right.start, node.end));
    });
  }
  const argument = nodeAt(node.argument);
  if (node.type === 'UnaryExpression' && node.operator === '!' && argument)
    return [expression('condition', written(argument))];
  const condition = nodeAt(node.test);
  const isDecision = node.type === 'IfStatement' || node.type === 'ConditionalExpression';
  const isChangedItself = condition && ['BinaryExpression', 'UnaryExpression'].includes(condition.type);
  if (isDecision && condition && !isChangedItself)
    return [{ node: condition, group: 'condition', form: 'expression', after: `!(${written(condition)})` }];
  const inner = nodeAt(node.expression);
  const isWait = node.type === 'ExpressionStatement' && inner?.type === 'AwaitExpression';
  if (isWait || node.type === 'ThrowStatement') return [{ node, group: 'rest', form: 'statement', after: '' }];
  const key = nodeAt(node.key);
  if (node.type === 'Property' && key && REQUEST_MEMBERS.has(written(key)))
    return [{ node, group: 'condition', form: 'member', after: '' }];
  if (node.type === 'TemplateLiteral' && isConditionText(text))
    return changesOfCondition(text.slice(1, -1)).map((after) => expression('condition', `\`${after}\``));
  if (node.type !== 'Literal') return [];
  if (typeof node.value === 'boolean') return [expression('rest', String(!node.value))];
  if (typeof node.value === 'number') return [expression('number', `${text} + 1`)];
  if (typeof node.value !== 'string') return [];
  if (isConditionText(node.value))
    return changesOfCondition(node.value).map((after) => expression('condition', JSON.stringify(after)));
  return /^[a-z]+(?:_[a-z]+)*$/.test(node.value) ? [expression('rest', "'mutated'")] : [];
}

/** Returns the name that a node declares. */
function nameOf(node: Node): string | undefined {
  const id = nodeAt(node.id);
  return id && typeof id.name === 'string' ? id.name : undefined;
}

const compact = (text: string) => text.replaceAll(/\s+/g, '').replaceAll(/,(?=[)\]}])/g, '');

/** Inserted texts by place. At one place the ends of inner nodes come first, and then the starts of outer nodes. */
function inserted(source: string, texts: readonly { at: number; isStart: boolean; size: number; text: string }[]) {
  const sorted = texts.toSorted(
    (one, other) =>
      one.at - other.at ||
      Number(one.isStart) - Number(other.isStart) ||
      (one.isStart ? other.size - one.size : one.size - other.size),
  );
  let from = 0;
  let result = '';
  for (const { at, text } of sorted) {
    result += source.slice(from, at) + text;
    from = at;
  }
  return result + source.slice(from);
}

/**
 * Returns all mutants of a source text, and one text that holds them all: `globalThis.isMutant(key)` says whether a mutant is active when
 * its place is reached, and the original runs where none is. So one process, and one stack, serve all mutants.
 */
export function mutated(file: string, source: string): { readonly mutants: readonly Mutant[]; readonly text: string } {
  const mutants: Mutant[] = [];
  const seen = new Map<string, number>();
  const wrapped = new Map<Node, { form: Change['form']; alternatives: string }>();

  const visit = (node: Node, declaration: string): void => {
    const within = nameOf(node) ?? declaration;
    for (const change of changesOf(node, source)) {
      const before = source.slice(change.node.start, change.node.end);
      const plain = `${file} ${within}: ${compact(before)} → ${compact(change.after) || 'removed'}`;
      const count = (seen.get(plain) ?? 0) + 1;
      seen.set(plain, count);
      const id = count === 1 ? plain : `${plain} (${count})`;
      const key = createHash('sha256').update(id).digest('hex').slice(0, 12);
      const line = source.slice(0, change.node.start).split('\n').length;
      mutants.push({ id, key, file, line, group: change.group, before, after: change.after });
      const earlier = wrapped.get(change.node)?.alternatives ?? '';
      const isActive = `globalThis.isMutant?.('${key}')`;
      const alternative = change.form === 'expression' ? `${isActive}?(${change.after}):` : isActive;
      wrapped.set(change.node, { form: change.form, alternatives: earlier + alternative });
    }
    for (const child of childrenOf(node)) visit(child, within);
  };
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node, 'module');

  const texts = [...wrapped].flatMap(([{ start, end }, { form, alternatives }]) => {
    const [opening, closing] = {
      expression: [`(${alternatives}(`, '))'],
      statement: [`{if(!${alternatives})`, '}'],
      member: [`...(${alternatives}?{}:{`, '})'],
    }[form] as [string, string];
    const size = end - start;
    return [
      { at: start, isStart: true, size, text: opening },
      { at: end, isStart: false, size, text: closing },
    ];
  });
  return { mutants, text: inserted(source, texts) };
}
