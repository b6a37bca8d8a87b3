/** `npx actor-tokens <command>`: the commands of the package, for the stacks of the app that imports it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../project.ts';
import { quote } from './arguments.ts';
import { audit } from './audit.ts';
import { checkDeploy } from './check-deploy.ts';
import { type Command, runCommand } from './command.ts';
import { impersonate } from './impersonate.ts';
import { printLine, printMessage } from './output.ts';
import { policy } from './policy.ts';
import { secretKey } from './secret-key.ts';
import { signingKeys } from './signing-keys.ts';
import { users } from './users.ts';

const commands: readonly Command[] = [checkDeploy, secretKey, users, impersonate, policy, audit, signingKeys];

/** Each command with the first sentence of its help. */
function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, help }) => `  ${name.padEnd(width)}  ${/^.*?[.](?=\s)/s.exec(help)?.[0] ?? ''}`);
  return `Commands for the stacks in which your app has an instance of Actor Tokens:

${lines.join('\n')}

  npx actor-tokens secret-key create --name backend --stack Support

"npx actor-tokens <command> --help" says more about one. "--version" prints the version of the package.`;
}

function version(): string {
  return JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).version;
}

async function main([name, ...args]: readonly string[]): Promise<void> {
  const command = commands.find((each) => each.name === name);
  if (command) return runCommand(command, args);
  if (name === '--version') return printLine(version());
  if (name === '--help' || name === '-h') return printLine(overview());
  const problem = name === undefined ? 'Missing command.' : `Unknown command: ${quote(name)}.`;
  printMessage(
    `${problem} Available commands: ${commands.map((each) => each.name).join(', ')}.\nRun \`npx actor-tokens --help\` for usage.`,
  );
  process.exitCode = 2;
}

await main(process.argv.slice(2));
