// Counts the writes to DynamoDB that this process makes and that succeed.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

const WRITES = /\.(?:PutItem|UpdateItem|DeleteItem|TransactWriteItems|BatchWriteItem)$/;
/** Node publishes here each answer to a request of its HTTP client. */
const CHANNEL = 'http.client.response.finish';

/** Runs a function, and returns its result with the number of writes. Nothing else may run meanwhile. */
export async function writesDuring<Result>(
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly writes: number }> {
  let writes = 0;
  const onAnswer = (message: unknown) => {
    const { request, response } = message as { readonly request: ClientRequest; readonly response: IncomingMessage };
    if (response.statusCode === 200 && WRITES.test(String(request.getHeader('x-amz-target')))) writes += 1;
  };
  subscribe(CHANNEL, onAnswer);
  try {
    return { result: await run(), writes };
  } finally {
    unsubscribe(CHANNEL, onAnswer);
  }
}
