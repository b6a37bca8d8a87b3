// docs: hono
import { clerkMiddleware, getAuth } from '@clerk/hono';
import { Hono } from 'hono';
// end
import type { AppOptions } from './app-options.ts';

// docs: hono
export function honoApp({ publishableKey, secretKey, apiUrl, origin }: AppOptions): Hono {
  const app = new Hono();
  app.use(clerkMiddleware({ publishableKey, secretKey, apiUrl, authorizedParties: [origin] }));
  app.get('/me', (context) => {
    const { userId, actor } = getAuth(context);
    return userId ? context.json({ userId, actor }) : context.json({ error: 'signed_out' }, 401);
  });
  return app;
}
// end
