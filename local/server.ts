import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const keepAliveMs = 65_000;

/** A server on this machine. */
export interface LocalServer {
  readonly port: number;
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Answers a request whose body has been read. Rejects when there is no answer to give. */
export type Send = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>;

export interface Address {
  /** An address of this machine; whoever reaches it may use what listens there. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** Listens on 127.0.0.1 only; otherwise as `listenAt`. */
export function listenLocally(server: Server, port: number): Promise<LocalServer> {
  return listenAt(server, { host: '127.0.0.1', port });
}

/** Listens on one address. `stop()` drops the open connections. Rejects with node's own error. */
export async function listenAt(server: Server, { host, port }: Address): Promise<LocalServer> {
  // Longer than clients keep idle connections: a reused one that is just being closed would fail their request.
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: bound, endpoint: `http://${host}:${bound}`, stop };
}

/** The whole body of a request. */
export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
