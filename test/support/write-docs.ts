import { readFileSync, writeFileSync } from 'node:fs';
import { policyJsonSchema } from '../../cdk/policy/policy-json-schema.ts';
import { withSnippets } from './doc-snippets.ts';
import { withApiTable } from './doc-tables.ts';

const policySchema = `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
writeFileSync('policies/policy.schema.json', policySchema);

const pages = {
  'README.md': withSnippets,
  'docs/api.md': withApiTable,
  'docs/cdk.md': withSnippets,
  'docs/clients.md': withSnippets,
  'docs/deploy.md': withSnippets,
  'docs/operators.md': withSnippets,
  'docs/your-app.md': withSnippets,
};
for (const [path, updated] of Object.entries(pages)) writeFileSync(path, updated(readFileSync(path, 'utf8')));
