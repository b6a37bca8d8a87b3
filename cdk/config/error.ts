/** A configuration that cannot be deployed. The message is one sentence: what is wrong, and what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
