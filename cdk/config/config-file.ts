import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ConfigError } from './error.ts';

/** The file in the working directory that is read unless another one is chosen. */
const DEFAULT_FILE = 'actor-tokens.json';

const EXAMPLE = '{"stage": "dev"}';

export interface ConfigFile {
  readonly path: string;
  /** The path as messages show it: relative to the working directory, if it is in there. */
  readonly name: string;
  readonly text: string;
  readonly members: Readonly<Record<string, unknown>>;
}

function nameOf(path: string): string {
  const name = relative(process.cwd(), path);
  return name.startsWith('..') ? path : name;
}

/** Returns the position of an offset in the text: `3, column 5`. */
function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Returns `CommaExpected` as `comma expected`. */
function inWords(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function namesOf(object: Node): readonly string[] {
  return (object.children ?? []).map(({ children }) => String(children?.[0]?.value));
}

function parseMembers(name: string, text: string): ConfigFile['members'] {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error)
    throw new ConfigError(
      `${name} is not valid JSON: ${inWords(printParseErrorCode(error.error))} at line ${lineAndColumn(text, error.offset)}.`,
    );
  if (root?.type !== 'object') throw new ConfigError(`${name} is not an object: write one, such as ${EXAMPLE}.`);
  const names = namesOf(root);
  const repeated = names.find((each, index) => names.indexOf(each) !== index);
  if (repeated !== undefined) throw new ConfigError(`${name} has ${repeated} twice: keep one of them.`);
  return getNodeValue(root);
}

/** Reads the text of a file; returns undefined if there is none. */
function readText(path: string, name: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    if (code === 'EISDIR')
      throw new ConfigError(`${name} is a directory: write the configuration into a file, such as ${EXAMPLE}.`);
    throw new ConfigError(`${name} cannot be read (${String(code)}): allow this process to read it.`);
  }
}

/**
 * Reads the configuration of a deployment from the chosen file, or from `actor-tokens.json`. If there is no
 * `actor-tokens.json`, the configuration is empty.
 *
 * @param chosen a path, relative to the working directory
 * @throws ConfigError if the chosen file is missing, or a file is not a JSON object
 */
export function readConfigFile(chosen?: string): ConfigFile {
  const path = resolve(chosen ?? DEFAULT_FILE);
  const name = nameOf(path);
  const text = readText(path, name);
  if (text !== undefined) return { path, name, text, members: parseMembers(name, text) };
  if (chosen !== undefined) throw new ConfigError(`There is no configuration file ${name}: check its name.`);
  return { path, name, text: '{}\n', members: {} };
}
