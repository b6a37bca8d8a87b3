/** Requests the public URLs of the instance. A schedule invokes it every minute, and an alarm looks at whether it fails. */
import { logChecked } from '../shared/base/log.ts';
import { healthProblem } from './check-health/health-problem.ts';

/** Requests the health of each URL. It rejects when one of them does not answer as the API does. */
export async function handler(): Promise<void> {
  const { INSTANCE_ID: instance = '', CHECKED_URLS: urls = '' } = process.env;
  let isHealthy = true;
  for (const url of urls.split(',')) {
    const problem = await healthProblem(url);
    logChecked(instance, { url, problem });
    isHealthy &&= problem === undefined;
  }
  if (!isHealthy) throw new Error('The API does not answer at its URL.');
}
