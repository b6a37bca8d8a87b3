import { readFileSync, writeFileSync } from 'node:fs';
import { withApiTable } from './readme-tables.ts';

const path = new URL('../../README.md', import.meta.url);
writeFileSync(path, withApiTable(readFileSync(path, 'utf8')));
