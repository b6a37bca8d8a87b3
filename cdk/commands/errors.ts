/** Invalid usage (exit code 2). The message says what is wrong and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure (exit code 1). The message is for the administrator: it says what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
