import { readFileSync } from 'node:fs';
import type { Vite } from 'vitest/node';

/** Loads files that are imported `with { type: 'text' }`, as esbuild does. Vite ignores that attribute. */
export const textFiles: Vite.Plugin = {
  name: 'text-files',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (!/\.(?:browser\.js|css)$/.test(source) || !importer) return undefined;
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    return resolved ? `\0text:${resolved.id}.txt` : undefined;
  },
  load(id) {
    if (!id.startsWith('\0text:')) return undefined;
    return `export default ${JSON.stringify(readFileSync(id.slice('\0text:'.length, -'.txt'.length), 'utf8'))}`;
  },
};
