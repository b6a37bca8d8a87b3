import { createWriteStream } from 'node:fs';
import { devNull } from 'node:os';
import { finished } from 'node:stream/promises';
import type { Directory } from './directory.ts';
import { localCredentials } from './dynamodb.ts';
import { LambdaFunction } from './lambda.ts';
import type { FunctionDefinition } from './stack.ts';
import { region } from './template.ts';

export interface FunctionsOptions {
  readonly definitions: readonly FunctionDefinition[];
  /** Where DynamoDB and KMS answer. */
  readonly serviceEndpoint: string;
  readonly clock: SharedArrayBuffer;
  readonly directory: Directory;
  readonly concurrency: number;
  readonly report: (line: string) => void;
}

/** All functions of the stack. */
export interface Functions {
  /** What every function's environment has beside its own name and access key. */
  readonly environment: Readonly<Record<string, string>>;
  invoke(functionName: string, event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Only these and the template's variables reach a function: the host's own AWS settings must not change what runs here. */
function runtimeEnvironment({ serviceEndpoint, directory }: FunctionsOptions): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_ENDPOINT_URL_DYNAMODB: serviceEndpoint,
    AWS_ENDPOINT_URL_KMS: serviceEndpoint,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    NODE_COMPILE_CACHE: directory.compileCache,
  };
}

/** Starts one execution environment of each function; one that does not start is told of and answers 500. */
export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const { definitions, clock, directory, concurrency, report } = options;
  const runtime = runtimeEnvironment(options);
  const log = createWriteStream(directory.functionsLog, { flags: 'a', mode: 0o600 });
  const functions = new Map(
    definitions.map((definition) => {
      const environment = {
        ...runtime,
        // By this the guard knows who calls.
        AWS_ACCESS_KEY_ID: definition.name,
        AWS_LAMBDA_FUNCTION_NAME: definition.name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
        ...definition.environment,
      };
      const lambda = new LambdaFunction({
        definition,
        environment,
        clock,
        concurrency,
        log: (text) => void log.write(text),
        onStartFailure: (name, reason) => report(`${name} does not start: ${reason}`),
      });
      return [definition.name, lambda] as const;
    }),
  );
  await Promise.all([...functions.values()].map((lambda) => lambda.warm()));
  return {
    environment: Object.assign({}, ...definitions.map(({ environment }) => environment), runtime),
    invoke: (name, event) => {
      const lambda = functions.get(name);
      return lambda ? lambda.invoke(event) : Promise.reject(new Error(`There is no function ${name}.`));
    },
    stop: async () => {
      await Promise.all([...functions.values()].map((lambda) => lambda.stop()));
      await finished(log.end());
    },
  };
}
