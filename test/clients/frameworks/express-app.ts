// docs: express
import { clerkMiddleware, getAuth } from '@clerk/express';
import express, { type Express } from 'express';
// end
import type { AppOptions } from './app-options.ts';

// docs: express
export function expressApp({ publishableKey, secretKey, apiUrl, origin }: AppOptions): Express {
  const app = express();
  app.use(clerkMiddleware({ publishableKey, secretKey, apiUrl, authorizedParties: [origin] }));
  app.get('/me', (request, response) => {
    const { userId, actor } = getAuth(request);
    if (userId) response.json({ userId, actor });
    else response.status(401).json({ error: 'signed_out' });
  });
  return app;
}
// end
