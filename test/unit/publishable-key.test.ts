import { expect, test } from 'vitest';
import { publishableKeyOf } from '../../shared/base/publishable-key.ts';

test.each([
  ['https://clerk.example.com', 'clerk.example.com'],
  ['https://app.example.com/__clerk', 'app.example.com'],
  ['http://127.0.0.1:3000', '127.0.0.1:3000'],
  ['http://localhost:3000/__clerk', 'localhost.:3000'],
  ['https://intranet/__clerk', 'intranet.'],
])('the publishable key of %s names the host %s, with the dot that Clerk asks for', (url, host) => {
  const [, encoded = ''] = /^pk_live_(.+)$/.exec(publishableKeyOf(new URL(url))) ?? [];

  expect(Buffer.from(encoded, 'base64').toString()).toBe(`${host}$`);
});
