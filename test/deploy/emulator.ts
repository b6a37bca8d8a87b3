import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileHere, pythonWith, run } from './python.ts';

export interface DeployedFunction {
  readonly name: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly string[];
  readonly role: string;
  readonly codeSha256: string;
}

export interface DeployedTable {
  readonly name: string;
  readonly items: number;
  readonly timeToLive: string | null;
  readonly recoverable: boolean;
  readonly protected: boolean;
}

export interface DeployedKey {
  readonly id: string;
  readonly state: string;
  readonly spec: string;
  readonly use: string;
  readonly policy: object;
}

/** What is there, as the services themselves say. */
export interface Inventory {
  readonly stacks: readonly string[];
  readonly tables: readonly DeployedTable[];
  readonly keys: readonly DeployedKey[];
  readonly aliases: readonly string[];
  readonly functions: readonly DeployedFunction[];
  readonly roles: readonly { readonly name: string; readonly id: string; readonly policies: readonly object[] }[];
  readonly policies: readonly string[];
  readonly logGroups: readonly string[];
  /** The patterns of the filters. */
  readonly metricFilters: readonly string[];
  readonly apis: readonly {
    readonly endpoint: string;
    readonly stages: readonly string[];
    readonly routes: readonly { readonly routeKey: string; readonly functionName: string }[];
  }[];
  readonly domains: readonly string[];
  readonly alarms: readonly string[];
  readonly dashboards: readonly string[];
  readonly topics: readonly string[];
  readonly subscriptions: readonly string[];
  readonly certificates: readonly string[];
}

/** AWS on 127.0.0.1, empty at its start. */
export interface Emulator {
  readonly endpoint: string;
  /** The resource types that it deploys, and those that it passes over. */
  readonly types: ReadonlySet<string>;
  readonly leftOut: ReadonlySet<string>;
  /** With a directory, also unpacks there the code of each function, by the function's name. */
  inventory(codeDirectory?: string): Promise<Inventory>;
  stop(): Promise<void>;
}

interface Started {
  readonly port: number;
  readonly types: readonly string[];
  readonly leftOut: readonly string[];
}

/** The Python of the environment that has the emulator, and beside it the AWS CLI. */
export function emulatorPython(): Promise<string> {
  return pythonWith('requirements.txt', 'moto');
}

/** Starts the emulator on a free port. It ends with this process, however that ends. */
export async function startEmulator(): Promise<Emulator> {
  const python = await emulatorPython();
  const child = spawn(python, [fileHere('emulator.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await Promise.race([lines.next(), exited.then(() => undefined)]);
  if (typeof first?.value !== 'string') throw new Error(`The emulator does not start:\n${complaints.join('')}`);
  const { port, types, leftOut }: Started = JSON.parse(first.value);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    types: new Set(types),
    leftOut: new Set(leftOut),
    inventory: async (codeDirectory) => {
      const directory = codeDirectory === undefined ? [] : [codeDirectory];
      const { stdout } = await run(python, [fileHere('inventory.py'), endpoint, ...directory]);
      return JSON.parse(stdout);
    },
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
