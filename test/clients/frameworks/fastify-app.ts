// docs: fastify
import { clerkPlugin, getAuth } from '@clerk/fastify';
import fastify, { type FastifyInstance } from 'fastify';
// end
import type { AppOptions } from './app-options.ts';

// docs: fastify
export function fastifyApp({ publishableKey, secretKey, apiUrl, origin }: AppOptions): FastifyInstance {
  const app = fastify();
  // The plugin passes authorizedParties on, and only its type lacks it. So the options are a constant of their own.
  const options = { publishableKey, secretKey, apiUrl, authorizedParties: [origin] };
  app.register(clerkPlugin, options);
  app.get('/me', (request, reply) => {
    const { userId, actor } = getAuth(request);
    return userId ? reply.send({ userId, actor }) : reply.code(401).send({ error: 'signed_out' });
  });
  return app;
}
// end
