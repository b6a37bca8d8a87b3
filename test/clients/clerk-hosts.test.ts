// Which settings of the official clients send our secret key to Clerk's hosts, as docs/clients.md warns. No request is sent.
import { createClerkClient } from '@clerk/backend';
import { clerkFrontendApiProxy } from '@clerk/backend/proxy';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';

const { secretKey, publishableKey, baseUrl, frontendApiUrl } = inject('stack');

interface Sent {
  readonly host: string;
  readonly headers: Headers;
}

const sent: Sent[] = [];

beforeEach(() => {
  sent.length = 0;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { url, headers } = new Request(input, init);
    sent.push({ host: new URL(url).host, headers });
    throw new Error('This request is not sent.');
  });
});

afterEach(() => vi.restoreAllMocks());

test('@clerk/backend sends the secret key to Clerk without an apiUrl, and to this API with one', async () => {
  const telemetry = { disabled: true };

  for (const apiUrl of [undefined, baseUrl])
    await createClerkClient({ secretKey, telemetry, ...(apiUrl && { apiUrl }) })
      .users.getUser('user_1')
      .catch(() => undefined);

  expect(sent.map(({ host }) => host)).toEqual(['api.clerk.com', new URL(baseUrl).host]);
  for (const { headers } of sent) expect(headers.get('authorization')).toBe(`Bearer ${secretKey}`);
});

test("the proxy of Clerk's packages sends the secret key to Clerk without a fapiUrl, and to this API with one", async () => {
  const request = new Request('https://app.example.com/__clerk/v1/environment');

  for (const fapiUrl of [undefined, frontendApiUrl])
    await clerkFrontendApiProxy(request, { secretKey, publishableKey, ...(fapiUrl && { fapiUrl }) });

  expect(sent.map(({ host }) => host)).toEqual(['frontend-api.clerk.dev', new URL(frontendApiUrl).host]);
  for (const { headers } of sent) expect(headers.get('clerk-secret-key')).toBe(secretKey);
});
