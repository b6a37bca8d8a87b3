/** Why the local run does not start: one line for the user that also says what to do. It is shown without a stack trace. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
