// Counts the answers to many concurrent requests and the refusals of DynamoDB, so that a failed race shows why it failed.
import type { Passed } from './fault-proxy.ts';
import type { TestAnswer } from './http.ts';
import { summary } from './refusal.ts';

function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
}

/** Counts answers by status and error codes, such as `{ '200': 1, '400 actor_token_already_used_code': 199 }`. */
export function tallyOf(answers: readonly TestAnswer[]): Readonly<Record<string, number>> {
  return tally(answers.map(summary));
}

/** Returns a message for such an assertion: the refusals of DynamoDB, with the reasons of cancelled transactions. */
export function refusalsOf(requests: readonly Passed[]): string {
  const refused = requests.flatMap(({ operation, refusal }) => (refusal ? [`${operation}: ${refusal}`] : []));
  const counts = Object.entries(tally(refused)).map(([each, count]) => `${count} × ${each}`);
  return `DynamoDB refused ${counts.length > 0 ? counts.join('; ') : 'nothing'}`;
}
