// Lines of code in the README and in docs/ are those of files that tests run. test/unit/clients-page.test.ts compares
// them; write-docs.ts writes them.
import { readFileSync } from 'node:fs';

const SNIPPET = /^<!-- lines "(?<name>[\w-]+)" of (?<file>\S+) -->\n```(?<language>\w+)\n(?<code>[\s\S]*?)^```$/gm;

/** Returns a text without the indentation that all its lines share. */
function dedent(text: string): string {
  const indents = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  return text.replaceAll(new RegExp(`^ {${Math.min(...indents)}}`, 'gm'), '');
}

/**
 * Returns the lines of a file between the comments `docs: <name>` and `end`, of all such places in turn.
 *
 * @throws Error when there are none
 */
function linesOf(file: string, name: string): string {
  const places = readFileSync(file, 'utf8').matchAll(
    new RegExp(`^ *(?://|#) docs: ${name}\\n(?<lines>[\\s\\S]*?)^ *(?://|#) end$`, 'gm'),
  );
  const parts = [...places].map(({ groups: { lines = '' } = {} }) => dedent(lines).trim());
  if (parts.length === 0)
    throw new Error(`${file} has no lines "${name}": they begin with the comment "docs: ${name}".`);
  return `${parts.join('\n\n')}\n`;
}

/** Returns a page whose snippets are the lines of the files that they name. */
export function withSnippets(page: string): string {
  return page.replaceAll(SNIPPET, (...match) => {
    const { name = '', file = '', language } = match.at(-1) as Readonly<Record<string, string>>;
    return `<!-- lines "${name}" of ${file} -->\n\`\`\`${language}\n${linesOf(file, name)}\`\`\``;
  });
}
