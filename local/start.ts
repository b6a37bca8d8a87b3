// `npm start`: runs the product's stack on this machine. start.mjs loads this file unless Node is too old for it.
import { localDirectory } from '../cdk/commands/instance-file.ts';
import { PortTaken } from './aws/server.ts';
import { StartError } from './aws/start-error.ts';
import { type LocalOptions, startLocal } from './product-stack.ts';
import { runUntilInterrupted } from './run-until-interrupted.ts';
import { readyText } from './story.ts';

const knownOptions = ['--fresh', '--test-keys'];
const HIGHEST_PORT = 65_535;

function portFrom(text: string | undefined): number {
  const port = Number(text || 3000);
  if (Number.isInteger(port) && port >= 0 && port <= HIGHEST_PORT) return port;
  throw new StartError(`PORT=${text} is not a port: use a number up to ${HIGHEST_PORT}.`);
}

function originFrom(text: string | undefined): string {
  const origin = text || 'http://127.0.0.1:5173';
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  throw new StartError(`ALLOWED_ORIGIN=${origin} is not an origin: use one such as http://127.0.0.1:5173.`);
}

function isHttpUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text);
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

function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): LocalOptions {
  const unknown = args.find((arg) => !knownOptions.includes(arg));
  if (unknown !== undefined)
    throw new StartError(`Unknown option ${unknown}. Available options: ${knownOptions.join(', ')}.`);
  const signInUrl = signInUrlFrom(env.SIGN_IN_URL);
  return {
    port: portFrom(env.PORT),
    dir: localDirectory(env),
    fresh: args.includes('--fresh'),
    testKeys: args.includes('--test-keys'),
    allowedOrigin: originFrom(env.ALLOWED_ORIGIN),
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

await runUntilInterrupted(async ({ signal, onCrash }) => {
  const options = optionsFrom(process.argv.slice(2), process.env);
  const report = (line: string) => console.log(line);
  const local = await startLocal({ ...options, report, signal, onCrash }).catch((error: unknown) => {
    throw withPortHint(error);
  });
  console.log(readyText(local.instance));
  return local;
});
