import { expect, test } from 'vitest';
import { deviceOf } from '../../shared/base/user-agent.ts';

const KHTML = '(KHTML, like Gecko)';

test.each([
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${KHTML} Chrome/142.0.0.0 Safari/537.36`,
    { browserName: 'Chrome', browserVersion: '142', type: 'Windows', isMobile: false },
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${KHTML} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.3595.53`,
    { browserName: 'Edge', browserVersion: '142', type: 'Windows', isMobile: false },
  ],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 ${KHTML} Version/26.0 Safari/605.1.15`,
    { browserName: 'Safari', browserVersion: '26', type: 'Macintosh', isMobile: false },
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 ${KHTML} Version/26.0 Mobile/15E148 Safari/604.1`,
    { browserName: 'Safari', browserVersion: '26', type: 'iPhone', isMobile: true },
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 ${KHTML} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`,
    { browserName: 'Chrome', browserVersion: '142', type: 'iPad', isMobile: true },
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 ${KHTML} Chrome/142.0.0.0 Mobile Safari/537.36`,
    { browserName: 'Chrome', browserVersion: '142', type: 'Android', isMobile: true },
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 ${KHTML} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    { browserName: 'Samsung Internet', browserVersion: '28', type: 'Android', isMobile: true },
  ],
  [
    'Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0',
    { browserName: 'Firefox', browserVersion: '145', type: 'Android', isMobile: true },
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    { browserName: 'Firefox', browserVersion: '145', type: 'Linux', isMobile: false },
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 ${KHTML} Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0`,
    { browserName: 'Opera', browserVersion: '124', type: 'CrOS', isMobile: false },
  ],
])('a user agent names its browser and device: %s', (userAgent, device) => {
  expect(deviceOf(userAgent)).toEqual(device);
});

test.each([undefined, '', 'curl/8.14.1', 'MyApp/1.0', '()', '(', '<script>'])(
  'another user agent names neither: %s',
  (userAgent) => {
    expect(deviceOf(userAgent)).toEqual({
      browserName: undefined,
      browserVersion: undefined,
      type: undefined,
      isMobile: false,
    });
  },
);
