/**
 * The SDK gave up without an answer: a write may or may not be in the table. Only a consistent read can tell. Apart from the
 * client, which whoever answers errors would load with it.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}
