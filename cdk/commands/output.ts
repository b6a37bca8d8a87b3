import { shownText } from '../../shared/base/printable.ts';

/** Removes secret keys, which can have been pasted in the wrong place. */
function redact(text: string): string {
  return text.replace(/sk_(live|test)_[\w-]+/g, 'sk_$1_…');
}

/** Writes a message for the administrator to stderr, without secret keys. What it quotes can reorder or hide nothing. */
export function printMessage(message: string): void {
  process.stderr.write(`${redact(message).split('\n').map(shownText).join('\n')}\n`);
}

/** Writes a line of the result to stdout, as it is. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes rows of the result to stdout, in columns as wide as their widest entry. No entry can reorder or hide what stands beside it. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const shown = rows.map((row) => row.map(shownText));
  const width = (column: number) => Math.max(...shown.map((row) => row[column]?.length ?? 0));
  for (const row of shown) {
    const entries = row.map((entry, column) => entry.padEnd(width(column)));
    printLine(entries.join('  ').trimEnd());
  }
}

/** Returns a text with its first letter in upper case, as the beginning of a sentence. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
