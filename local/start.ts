// `npm start`: runs the product's stack on this machine. start.mjs loads this file unless Node is too old for it.
import { readFile } from 'node:fs/promises';
import { instanceFileIn, isRunning, localDirectory } from '../cdk/commands/instance-file.ts';
import type { AnsweredRequest } from './aws/http-api/http-api.ts';
import { PortTaken } from './aws/server.ts';
import { StartError } from './aws/start-error.ts';
import type { LocalInstance } from './instance.ts';
import { portFrom } from './port.ts';
import { type LocalOptions, startLocal } from './product-stack.ts';
import { requestLine } from './request-line.ts';
import { runUntilInterrupted } from './run-until-interrupted.ts';
import { startHelp } from './start-help.ts';
import { endText, storyText } from './story.ts';

const knownOptions = ['--fresh', '--test-keys', '--show', '--help', '-h'];

function originFrom(text: string | undefined): string {
  const origin = text || 'http://127.0.0.1:5173';
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  throw new StartError(`ALLOWED_ORIGIN=${origin} is not an origin: use one such as http://127.0.0.1:5173.`);
}

function isHttpUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text);
}

function appUrlFrom(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!isHttpUrl(text))
    throw new StartError(`APP_URL=${text} is not a URL: use one such as http://127.0.0.1:8080/impersonate.`);
  const { hostname, href } = new URL(text);
  if (hostname === '127.0.0.1') return href;
  throw new StartError(
    `APP_URL=${text} is on another site than the API on 127.0.0.1, so browsers would drop the cookies: open your app as 127.0.0.1, and ` +
      'write APP_URL so.',
  );
}

/** Returns undefined for the playground's sign-in page, and the empty text for no sign-in page. */
function signInUrlFrom(text: string | undefined): string | undefined {
  if (text === '' || text === 'none') return '';
  if (text === undefined || isHttpUrl(text)) return text;
  throw new StartError(`SIGN_IN_URL=${text} is not a URL: use one such as http://127.0.0.1:5173/sign-in, or none.`);
}

function dynamodbEndpointFrom(text: string | undefined): string | undefined {
  if (!text || isHttpUrl(text)) return text || undefined;
  throw new StartError(`DYNAMODB_ENDPOINT=${text} is not a URL: use one such as http://127.0.0.1:8000.`);
}

function checkOptions(args: readonly string[]): void {
  const unknown = args.find((arg) => !knownOptions.includes(arg));
  if (unknown !== undefined)
    throw new StartError(`Unknown option ${unknown}. Run "npm start -- --help" for all of them.`);
}

function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): LocalOptions {
  const appUrl = appUrlFrom(env.APP_URL);
  // An app that links lead to signs nobody in by itself, unless its sign-in page is named.
  const signInUrl = signInUrlFrom(env.SIGN_IN_URL ?? (appUrl && 'none'));
  return {
    port: portFrom(env.PORT || '3000'),
    dir: localDirectory(env),
    fresh: args.includes('--fresh'),
    testKeys: args.includes('--test-keys'),
    allowedOrigin: originFrom(env.ALLOWED_ORIGIN || (appUrl && new URL(appUrl).origin)),
    ...(appUrl !== undefined && { appUrl }),
    ...(signInUrl !== undefined && { signInUrl }),
    dynamodbEndpoint: dynamodbEndpointFrom(env.DYNAMODB_ENDPOINT),
  };
}

function withPortHint(error: unknown): unknown {
  if (!(error instanceof PortTaken)) return error;
  return new StartError(
    `Port ${error.port} is taken: stop the process that listens there, or choose another port with PORT=${error.port + 1} npm start.`,
  );
}

/** @throws StartError when nothing runs in the directory */
async function readRunning(dir: string): Promise<LocalInstance> {
  const text = await readFile(instanceFileIn(dir), 'utf8').catch(() => undefined);
  const instance: LocalInstance | undefined = text && JSON.parse(text);
  if (instance && (await isRunning(instance.baseUrl))) return instance;
  throw new StartError(`Nothing runs in ${dir}: run "npm start" first, or choose the directory with LOCAL_DIR.`);
}

function printRequest(answered: AnsweredRequest): void {
  const line = requestLine(answered);
  if (line !== undefined) console.log(line);
}

const args = process.argv.slice(2);

if (args.includes('--help') || args.includes('-h')) console.log(startHelp);
else
  await runUntilInterrupted(async ({ signal, onCrash }) => {
    checkOptions(args);
    const options = optionsFrom(args, process.env);
    if (args.includes('--show')) {
      console.log(storyText(await readRunning(options.dir)));
      process.exit(0);
    }
    const report = (line: string) => console.log(line);
    const local = await startLocal({ ...options, report, onRequest: printRequest, signal, onCrash }).catch(
      (error: unknown) => {
        throw withPortHint(error);
      },
    );
    console.log(`${storyText(local.instance)}\n\n${endText(process.pid)}`);
    return local;
  });
