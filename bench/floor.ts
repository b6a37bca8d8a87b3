// The least that a server does which answers with a signed JWT: it takes a request by node:http and signs with RS256.
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { listenLocally } from '../local/aws/server.ts';
import { announce } from './announce.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const input = `${segment({ alg: 'RS256', typ: 'JWT' })}.${segment({ sub: 'user', exp: Date.now() })}`;
    const jwt = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    const body = JSON.stringify({ jwt });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
});
const { endpoint } = await listenLocally(server, 0);

announce(endpoint);
