import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { project } from '../project.ts';

const awsVariables = {
  AWS_REGION: v.string(),
  AWS_ACCESS_KEY_ID: v.string(),
  AWS_SECRET_ACCESS_KEY: v.string(),
  AWS_ENDPOINT_URL_DYNAMODB: v.string(),
  AWS_ENDPOINT_URL_KMS: v.string(),
};

const instanceFileSchema = v.object({
  baseUrl: v.string(),
  clockOffsetSeconds: v.number(),
  environment: v.objectWithRest(awsVariables, v.string()),
});

/** The members of `instance.json` that a command reads. The local run writes more of them. */
export type InstanceFile = Readonly<v.InferOutput<typeof instanceFileSchema>>;

/** Returns the directory in which `npm start` keeps its state: `LOCAL_DIR`, or `.local` in this project. */
export function localDirectory(env: NodeJS.ProcessEnv): string {
  return env.LOCAL_DIR || join(project, '.local');
}

/** Returns the path of the file that describes the instance that runs in a directory. */
export function instanceFileIn(directory: string): string {
  return join(directory, 'instance.json');
}

/** Reads the file of a directory; returns undefined when there is none, or when it lacks a member. */
export async function readInstanceFile(directory: string): Promise<InstanceFile | undefined> {
  const text = await readFile(instanceFileIn(directory), 'utf8').catch(() => undefined);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), instanceFileSchema), text);
  return result.success ? result.output : undefined;
}

/** Returns whether the API of an instance file answers. A run that was killed leaves its file behind. */
export async function isRunning(baseUrl: string): Promise<boolean> {
  const signal = AbortSignal.timeout(5000);
  return fetch(`${baseUrl}/v1/health`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}
