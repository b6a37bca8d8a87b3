import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { StartError } from './start-error.ts';

/** Longer than clients keep idle connections: a client's request on a connection that is just being closed would fail. */
const KEEP_ALIVE_IN_MS = 65_000;

/** A server on this machine. */
export interface LocalServer {
  readonly port: number;
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Answers a request whose body has been read. Rejects when there is no answer to give. */
export type Send = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>;

export interface Address {
  /** An address of this machine. Every process that reaches it can use the server. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}

/** Another process listens on the port. */
export class PortTaken extends StartError {
  override readonly name = 'PortTaken';
  readonly port: number;

  constructor(port: number) {
    super(`Port ${port} is taken: stop the process that listens there.`);
    this.port = port;
  }
}

function listenError(error: unknown, { host, port }: Address): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new PortTaken(port);
  if (code === 'EACCES') return new StartError(`You may not listen on port ${port}: choose one above 1023.`);
  if (code === 'EADDRNOTAVAIL')
    return new StartError(`${host} is not an address of this machine: choose one that is, such as Docker's bridge.`);
  return error;
}

/** Listens on 127.0.0.1; otherwise as `listenAt`. */
export function listenLocally(server: Server, port: number): Promise<LocalServer> {
  return listenAt(server, { host: '127.0.0.1', port });
}

/**
 * Listens on one address. `stop()` closes the open connections.
 *
 * @throws StartError when the port is taken or not allowed, or the address is not one of this machine
 */
export async function listenAt(server: Server, { host, port }: Address): Promise<LocalServer> {
  server.keepAliveTimeout = KEEP_ALIVE_IN_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, { host, port }))).listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: bound, endpoint: `http://${host}:${bound}`, stop };
}

/** Returns a server that answers with `send`. Where there is no answer to give, the client sees a broken connection. */
export function serverOf(send: Send): Server {
  return createServer((request, response) => {
    readAll(request)
      .then((body) => send(request, body, response))
      .catch(() => response.destroy());
  });
}

/** Reads the whole body of a request. */
export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
