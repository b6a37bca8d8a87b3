import type { NextConfig } from 'next';

const config: NextConfig = {
  // Next takes a folder above for the app's own where that one has a lockfile too, as in this repository.
  turbopack: { root: import.meta.dirname },
  // The address of the sign-in page has a ticket, which no other page may learn from the referrer.
  headers: async () => [{ source: '/:path*', headers: [{ key: 'referrer-policy', value: 'no-referrer' }] }],
};

export default config;
