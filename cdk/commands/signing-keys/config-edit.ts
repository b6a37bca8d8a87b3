import { applyEdits, modify } from 'jsonc-parser';

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };

/** Returns the text of a configuration file with one member changed, or added as the last one. The other members keep their values. */
export function withMember(json: string, name: string, value: readonly number[]): string {
  return applyEdits(json, modify(json, [name], value, { formattingOptions }));
}
