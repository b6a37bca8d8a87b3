/**
 * The SDK gave up without an answer, so a write is either in the table or not. Only a consistent read can find out. In a file of its
 * own, so that code which answers errors does not load the DynamoDB client.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}
