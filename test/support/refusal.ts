// The expected answer to a refused request: the status, and a body in the published shape with no other members.
import { expect } from 'vitest';
import type { ErrorCode } from '../../shared/base/errors.ts';
import type { TestAnswer } from './http.ts';

/** A code, alone or with its expected `meta.param_name`. */
export type Fault = ErrorCode | readonly [code: ErrorCode, paramName: string];

function errorJson(fault: Fault) {
  const [code, paramName] = typeof fault === 'string' ? [fault] : fault;
  const texts = { message: expect.stringMatching(/./), long_message: expect.stringMatching(/./) };
  return { code, ...texts, ...(paramName === undefined ? {} : { meta: { param_name: paramName } }) };
}

export function refusal(status: number, ...faults: readonly Fault[]) {
  return {
    status,
    json: { errors: faults.map(errorJson), clerk_trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) },
  };
}

/** Returns the part of an answer that `refusal` describes. */
export function outcome({ status, json }: TestAnswer) {
  return { status, json };
}

/** Returns status and faults in one line, for tables of cases: `422 form_param_missing user_id, form_param_unknown x`. */
export function summary({ status, json }: TestAnswer): string {
  const faults = (json?.errors ?? []).map(({ code, meta }: { code: string; meta?: { param_name?: string } }) =>
    [code, meta?.param_name].filter((part) => part !== undefined).join(' '),
  );
  return [status, ...(faults.length > 0 ? [faults.join(', ')] : [])].join(' ');
}
