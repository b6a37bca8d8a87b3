import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

/** A process under measurement. */
export interface Child {
  readonly endpoint: string;
  /** The CPU time that it has used, in milliseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `host.ts` or `floor.ts`. Its output is dropped. */
export async function startChild(file: 'host.ts' | 'floor.ts', env: NodeJS.ProcessEnv): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const next = async () => {
    const message = once(child, 'message');
    const [value] = await Promise.race([message, ended.then(() => Promise.reject(new Error(`${file} has ended.`)))]);
    return value;
  };
  const endpoint = v.parse(v.string(), await next());
  return {
    endpoint,
    cpu: async () => {
      const answer = next();
      child.send('cpu');
      return v.parse(v.number(), await answer);
    },
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}
