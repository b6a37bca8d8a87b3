// docs: proxy
import { clerkMiddleware } from '@clerk/nextjs/server';

const { APP_ORIGIN } = process.env;
if (!APP_ORIGIN) throw new Error('Set APP_ORIGIN to the origin of the app, such as https://app.example.com.');

// It answers the requests of the path /__clerk itself, with the answers of the API at CLERK_FAPI_URL.
export const proxy = clerkMiddleware({ frontendApiProxy: { enabled: true }, authorizedParties: [APP_ORIGIN] });

export const config = {
  // All pages, and the path of the Frontend API, but not the files of Next and of the folder public.
  matcher: ['/__clerk/:path*', '/((?!_next|.*\\.(?:js|css|ico|map)$).*)'],
};
// end
