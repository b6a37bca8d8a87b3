/** A reason why a local run cannot start, in one line that also says what to do. It is shown without a stack trace. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
