import type { NextConfig } from 'next';

// docs: csp
const contentSecurityPolicy = [
  "default-src 'self'",
  // Next writes scripts into its pages.
  "script-src 'self' 'unsafe-inline'",
  // clerk-js counts the life of a session token in a worker, and Clerk's components write their styles into the page.
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
].join('; ');
// end

const config: NextConfig = {
  // Next takes a folder above for the app's own where that one has a lockfile too, as in this repository.
  turbopack: { root: import.meta.dirname },
  headers: async () => [
    {
      // Not the answers of the Frontend API, which have headers of their own.
      source: '/((?!__clerk).*)',
      headers: [
        { key: 'content-security-policy', value: contentSecurityPolicy },
        // The address of the sign-in page has a ticket, which no other page may learn from the referrer.
        { key: 'referrer-policy', value: 'no-referrer' },
      ],
    },
  ],
};

export default config;
