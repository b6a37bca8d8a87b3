import { readFileSync, writeFileSync } from 'node:fs';
import { withSnippets } from './doc-snippets.ts';
import { withApiTable } from './readme-tables.ts';

const pages = { 'README.md': withApiTable, 'docs/clients.md': withSnippets, 'docs/deploy.md': withSnippets };
for (const [path, updated] of Object.entries(pages)) writeFileSync(path, updated(readFileSync(path, 'utf8')));
