// A process that runs the built functions behind HTTP. Its CPU time is that of the functions, of node:http and of the event of each
// request.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundlesDirectory } from '../cdk/bundle/bundle.ts';
import { defaultLambda, httpRoutes } from '../functions/routes.ts';
import { openHttpApi } from '../local/aws/http-api/http-api.ts';
import { announce } from './announce.ts';

type Handler = (event: unknown, context: object) => Promise<unknown>;

const require = createRequire(import.meta.url);
const handlers = new Map<string, Handler>();

/** The handler of a Lambda, which starts with its first request. */
function handlerOf(lambda: string): Handler {
  const handler: Handler = handlers.get(lambda) ?? require(join(bundlesDirectory, lambda, 'index.js')).handler;
  handlers.set(lambda, handler);
  return handler;
}

const api = await openHttpApi(0);
api.serve({
  routes: [
    ...httpRoutes().map(({ method, path, lambda }) => ({ routeKey: `${method} ${path}`, functionName: lambda })),
    { routeKey: '$default', functionName: defaultLambda },
  ],
  invoke: (lambda, event) => handlerOf(lambda)(event, { getRemainingTimeInMillis: () => 20_000 }),
  now: Date.now,
  answerLocally: () => undefined,
  onRequest: () => undefined,
});

announce(api.endpoint);
