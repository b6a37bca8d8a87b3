// The tables of the pages that are generated from code or compared with it. test/unit/docs.test.ts compares them; write-docs.ts writes them.
import { routes } from '../../functions/routes.ts';

const AUDIENCES = { frontend: 'browser, cookie', public: 'anyone' } as const;

function caller({ audience, scope, isForOperators }: (typeof routes)[number]): string {
  if (audience !== 'backend') return AUDIENCES[audience];
  const server = scope === 'any' ? 'server, any secret key' : `server, secret key with \`${scope}\``;
  return isForOperators ? `${server}; operator` : server;
}

/** Returns the API table: one row per operation, in the order of the list of routes. */
export function apiTable(): string {
  const rows = routes.map((route) => `| \`${route.method} ${route.path}\` | ${caller(route)} | ${route.summary} |`);
  return ['| Operation | Called by | What it does |', '|---|---|---|', ...rows].join('\n');
}

const BEGIN = '<!-- api table: written by `npm run fix` from functions/routes.ts -->';
const END = '<!-- end of api table -->';

/** Returns docs/api.md with its generated part up to date. */
export function withApiTable(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/api.md has lost the markers of its API table.');
  return `${before}${BEGIN}\n\n${apiTable()}\n\n${END}${after}`;
}

export interface MappedRule {
  readonly rule: string;
  readonly codeFiles: readonly string[];
  readonly testFile: string;
  readonly testName: string;
}

/** Returns the rows of the table of rules in docs/architecture.md: the files that implement each rule, and the test that fails without it. */
export function mappedRules(page: string): readonly MappedRule[] {
  const table = page.split('## What it guarantees')[1]?.split('\n## ')[0] ?? '';
  const rows = table.split('\n').filter((line) => /^\| \d/.test(line));
  return rows.map((row) => {
    const [rule = '', code = '', test = ''] = row
      .split('|')
      .slice(1, 4)
      .map((cell) => cell.trim());
    const linked = (cell: string) => [...cell.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path ?? '');
    return { rule, codeFiles: linked(code), testFile: linked(test)[0] ?? '', testName: test.split('<br>')[1] ?? '' };
  });
}
