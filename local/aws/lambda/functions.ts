import { createWriteStream } from 'node:fs';
import { devNull } from 'node:os';
import { finished } from 'node:stream/promises';
import { localCredentials, region } from '../account.ts';
import type { FunctionDefinition } from './environment.ts';
import { LambdaFunction } from './function.ts';

interface FunctionsOptions {
  readonly definitions: readonly FunctionDefinition[];
  /** The URL at which DynamoDB, KMS, S3 and EventBridge answer. */
  readonly serviceEndpoint: string;
  /** The offset of the functions' clock. */
  readonly clock: SharedArrayBuffer;
  /** The file to which the functions' output is appended. */
  readonly logFile: string;
  /** The folder of Node's compile cache. */
  readonly compileCache: string;
  /** The highest number of execution environments of a function. */
  readonly concurrency: number;
  readonly report: (line: string) => void;
}

/** The running functions of a stack. */
export interface Functions {
  /** The variables that all functions have, beside those of the template. */
  readonly runtime: Readonly<Record<string, string>>;
  invoke(functionName: string, event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** The variables that Lambda sets. Together with the template's they are all: this machine's AWS settings must not apply. */
function runtimeEnvironment({ serviceEndpoint, compileCache }: FunctionsOptions): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_ENDPOINT_URL_DYNAMODB: serviceEndpoint,
    AWS_ENDPOINT_URL_KMS: serviceEndpoint,
    AWS_ENDPOINT_URL_S3: serviceEndpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: serviceEndpoint,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    NODE_COMPILE_CACHE: compileCache,
  };
}

function ownEnvironment({ name, directory, memoryMegabytes, environment }: FunctionDefinition): Record<string, string> {
  return {
    // The guard finds the function's role by this.
    AWS_ACCESS_KEY_ID: name,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
    LAMBDA_TASK_ROOT: directory,
    ...environment,
  };
}

/** Starts one execution environment of each function. A function that does not start is reported and fails each invocation. */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const { definitions, clock, concurrency, logFile, report } = options;
  const runtime = runtimeEnvironment(options);
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const started = definitions.map((definition) => {
    const lambda = new LambdaFunction({
      definition,
      environment: { ...runtime, ...ownEnvironment(definition) },
      clock,
      concurrency,
      log: (text) => void log.write(text),
      onStartFailure: (name, reason) => report(`${name} does not start: ${reason}`),
    });
    return [definition.name, lambda] as const;
  });
  const functions = new Map(started);
  await Promise.all([...functions.values()].map((lambda) => lambda.warm()));
  return {
    runtime,
    invoke: async (name, event) => {
      const lambda = functions.get(name);
      if (!lambda) throw new Error(`There is no function ${name}.`);
      return lambda.invoke(event);
    },
    stop: async () => {
      await Promise.all([...functions.values()].map((lambda) => lambda.stop()));
      await finished(log.end());
    },
  };
}
