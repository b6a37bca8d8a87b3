import { CommandError } from '../command.ts';

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Member {
  readonly name: string;
  /** Of its first token. */
  readonly value: number;
  /** Behind its last token. */
  readonly end: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

function tokensOf(json: string): readonly Token[] {
  return [...json.matchAll(TOKEN)].map(({ 0: text, index }) => ({ text, start: index, end: index + text.length }));
}

/** The index behind the value that begins at `start`. */
function endOfValue(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    const text = tokens[index]?.text ?? '';
    if (text === '{' || text === '[') depth += 1;
    if (text === '}' || text === ']') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return tokens.length;
}

/** The members of the object that begins at `start`; none of anything else. */
function membersOf(tokens: readonly Token[], start: number): readonly Member[] {
  const members: Member[] = [];
  if (tokens[start]?.text !== '{') return members;
  for (let index = start + 1; (tokens[index]?.text ?? '}') !== '}'; ) {
    const end = endOfValue(tokens, index + 2);
    members.push({ name: JSON.parse(tokens[index]?.text ?? ''), value: index + 2, end });
    index = tokens[end]?.text === ',' ? end + 1 : end;
  }
  return members;
}

/**
 * The text of cdk.json with one member of `actorTokens` changed, or added as its last; all else stays to the letter.
 *
 * @throws CommandError when the file has no such object, or the same name beside it, which would go before
 */
export function withActorTokensMember(json: string, name: string, value: readonly number[]): string {
  const tokens = tokensOf(json);
  const within = (start: number, member: string) => membersOf(tokens, start).find((each) => each.name === member);
  const context = within(0, 'context');
  const group = context && within(context.value, 'actorTokens');
  const open = group && tokens[group.value];
  if (!group || open?.text !== '{')
    throw new CommandError('cdk.json has no object actorTokens in its context: write one, such as {"stage": "prod"}.');

  if (within(context.value, name))
    throw new CommandError(`cdk.json has ${name} beside actorTokens, where it goes before: move it into actorTokens.`);

  const members = membersOf(tokens, group.value);
  const written = `[${value.join(', ')}]`;
  const replace = (start: number, end: number, text: string) => json.slice(0, start) + text + json.slice(end);
  const present = members.find((each) => each.name === name);
  const [from, to] = [tokens[present?.value ?? -1], tokens[(present?.end ?? 0) - 1]];
  if (from && to) return replace(from.start, to.end, written);

  const last = tokens[(members.at(-1)?.end ?? 0) - 1];
  if (!last) return replace(open.start, tokens[group.end - 1]?.end ?? 0, `{ "${name}": ${written} }`);
  // As the first member is set off from the bracket, so is the new one from the last.
  const space = json.slice(open.end, tokens[group.value + 1]?.start);
  return replace(last.end, last.end, `,${space || ' '}"${name}": ${written}`);
}
