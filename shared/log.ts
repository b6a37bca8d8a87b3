/** A log line is built from these fields and no others, so that no header, body, query or secret can get into one. */
export interface LogFields {
  readonly operation: string;
  readonly trace_id: string;
  readonly request_id: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly code?: string;
  readonly error?: string;
  readonly stack?: readonly string[];
}

/** Writes one JSON line. JSON escapes control characters, so a value cannot forge a line of its own. */
export function logRequest(level: 'info' | 'error', fields: LogFields): void {
  process.stdout.write(`${JSON.stringify({ level, message: 'request', ...fields })}\n`);
}

/** The frames of a stack without its message, which may quote an item or a request. */
export function stackFrames(error: unknown): readonly string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}
