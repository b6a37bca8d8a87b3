/**
 * The SDK got no answer, so it is unknown whether a write is in the table. Only a consistent read can decide. This class has its own file,
 * so that code which answers errors does not load the DynamoDB client.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}
