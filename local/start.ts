/** `npm start`: runs the synthesized stack on this machine. Loaded by start.mjs, which refuses a Node that is too old. */
import { setTimeout as sleep } from 'node:timers/promises';
import { localDirectory } from '../cdk/commands/instance-file.ts';
import { type Local, type LocalOptions, startLocal } from './local.ts';
import { Refusal } from './refusal.ts';
import { readyText } from './story.ts';

const knownOptions = ['--fresh', '--test-keys'];
const highestPort = 65_535;
const longestStopMs = 2000;

/** Undefined for the playground's sign-in page, empty for none. */
function signInUrlFrom(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text === '' || text === 'none') return '';
  if (!/^https?:/.test(text) || !URL.canParse(text))
    throw new Refusal(`SIGN_IN_URL=${text} is not a URL: give one such as http://127.0.0.1:5173/sign-in, or none.`);
  return text;
}

function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv) {
  const unknown = args.find((arg) => !knownOptions.includes(arg));
  if (unknown !== undefined) throw new Refusal(`Unknown option ${unknown}: there are ${knownOptions.join(' and ')}.`);
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > highestPort)
    throw new Refusal(`PORT=${env.PORT} is not a port: give a number up to ${highestPort}.`);
  const allowedOrigin = env.ALLOWED_ORIGIN || 'http://127.0.0.1:5173';
  if (!URL.canParse(allowedOrigin) || new URL(allowedOrigin).origin !== allowedOrigin)
    throw new Refusal(`ALLOWED_ORIGIN=${allowedOrigin} is not an origin: give one such as http://127.0.0.1:5173.`);
  const dynamodbEndpoint = env.DYNAMODB_ENDPOINT || undefined;
  if (dynamodbEndpoint !== undefined && !/^https?:/.test(dynamodbEndpoint))
    throw new Refusal(`DYNAMODB_ENDPOINT=${dynamodbEndpoint} is not a URL: give one such as http://127.0.0.1:8000.`);
  const signInUrl = signInUrlFrom(env.SIGN_IN_URL);
  return {
    port,
    dir: localDirectory(env),
    fresh: args.includes('--fresh'),
    testKeys: args.includes('--test-keys'),
    allowedOrigin,
    ...(signInUrl !== undefined && { signInUrl }),
    dynamodbEndpoint,
  } satisfies LocalOptions;
}

const stopping = new AbortController();
const running: { local?: Local } = {};

async function stop(status: number): Promise<void> {
  // A second signal does not wait: whatever is left is ended by the exit hooks.
  if (stopping.signal.aborted) process.exit(status || 1);
  stopping.abort();
  setTimeout(() => process.exit(status), longestStopMs).unref();
  if (!running.local) return;
  await running.local.stop();
  process.exit(status);
}

async function crash(reason: string): Promise<void> {
  // A terminal's Ctrl-C reaches the engine as well, perhaps before this process.
  await sleep(300);
  if (stopping.signal.aborted) return;
  console.error(`${reason} Start again with "npm start".`);
  await stop(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
// The terminal may be gone before the last line is written.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

try {
  const options = optionsFrom(process.argv.slice(2), process.env);
  running.local = await startLocal({
    ...options,
    report: (line) => console.log(line),
    signal: stopping.signal,
    onCrash: (reason) => void crash(reason),
  });
  stopping.signal.throwIfAborted();
  console.log(readyText(running.local.instance));
} catch (error) {
  await running.local?.stop();
  if (stopping.signal.aborted) process.exit(0);
  console.error(error instanceof Refusal ? error.message : error);
  process.exit(1);
}
