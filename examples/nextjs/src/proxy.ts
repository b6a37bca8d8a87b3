import { clerkMiddleware } from '@clerk/nextjs/server';

const { APP_ORIGIN } = process.env;
if (!APP_ORIGIN) throw new Error('Set APP_ORIGIN to the origin of the app, such as https://app.example.com.');

// It answers the requests of the path /__clerk by asking the API at CLERK_FAPI_URL.
export const proxy = clerkMiddleware({ frontendApiProxy: { enabled: true }, authorizedParties: [APP_ORIGIN] });

export const config = {
  // Not the files of Next and of the folder public, of which the scripts of Clerk are some.
  matcher: ['/__clerk/:path*', '/((?!_next|.*\\.(?:js|css|ico|map)$).*)'],
};
