// Mutations of a URL by which redirects have been led to other hosts.
import { type Mutation, TEXT_MUTATIONS } from './texts.ts';

const HOSTS = [
  'evil.example',
  '[::1]',
  '127.1',
  '0x7f000001',
  '2130706433',
  'xn--pple-43d.com',
  'аpp.example.com',
  'evil.example\u3002com',
  '%65vil.example',
  'evil.example.',
];
const SCHEMES = [
  'javascript:',
  'data:text/html,',
  'blob:',
  'file://',
  'ftp://',
  'http://',
  'https:',
  '//',
  '///',
  '\\\\',
  '/',
  '',
  'HTTPS://',
];
const SEPARATORS = [
  '/',
  '\\',
  '//',
  '\t',
  '\n',
  '\r',
  '\0',
  ' ',
  '@',
  ':',
  '?',
  '#',
  '.',
  ';',
  '%2f',
  '%5c',
  '%00',
  '%09',
  '\u2044',
  '\uff0f',
  '\u00ad',
];

/** Changes the parts of a URL around its host. */
function withHost(url: string, change: (host: string) => string): string {
  return url.replace(/^(\w+:\/\/)([^/?#]*)/, (_, scheme: string, host: string) => `${scheme}${change(host)}`);
}

/** Mutations of the scheme, the host and the port, and those of any text. */
export const URL_MUTATIONS: readonly Mutation[] = [
  ['another host', (url, { pick }) => withHost(url, () => pick(HOSTS))],
  [
    'a user before the host',
    (url, { pick }) => withHost(url, (host) => `${pick(['user@', 'user:password@', '@', ':@'])}${host}`),
  ],
  [
    'the host as a user',
    (url, { pick }) =>
      withHost(url, (host) => `${host}${pick(['@', ':x@', '%40', '&@', '\\@', '#@', '?@'])}${pick(HOSTS)}`),
  ],
  [
    'the host in front of another',
    (url, { pick }) => withHost(url, (host) => `${host}${pick(['.', '', ...SEPARATORS])}${pick(HOSTS)}`),
  ],
  [
    'the host behind another',
    (url, { pick }) => withHost(url, (host) => `${pick(HOSTS)}${pick(['.', ...SEPARATORS])}${host}`),
  ],
  ['a subdomain', (url, { pick }) => withHost(url, (host) => `${pick(['www.', '*.', 'a.b.', '.'])}${host}`)],
  [
    'another port',
    (url, { pick }) =>
      withHost(url, (host) => `${host.replace(/:\d+$/, '')}:${pick(['0', '80', '443', '65535', '99999', '', 'x'])}`),
  ],
  ['a dot behind the host', (url) => withHost(url, (host) => host.replace(/(?=:\d+$|$)/, '.'))],
  ['another scheme', (url, { pick }) => url.replace(/^\w+:\/\//, () => pick(SCHEMES))],
  [
    'a separator in the host',
    (url, { pick, below }) =>
      withHost(
        url,
        (host) => `${host.slice(0, below(host.length))}${pick(SEPARATORS)}${host.slice(below(host.length))}`,
      ),
  ],
  ['a separator in front', (url, { pick }) => `${pick(SEPARATORS)}${url}`],
  ['behind another URL', (url, { pick }) => `https://${pick(HOSTS)}${pick(['/', '?', '#', '/?u=', '\\'])}${url}`],
  ['before another URL', (url, { pick }) => `${url}${pick([',', ' ', '&', '\n'])}https://${pick(HOSTS)}`],
  ['too long', (url) => `${url}${'x'.repeat(5000)}`],
  ...TEXT_MUTATIONS,
];
