import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { localCredentials } from '../account.ts';
import { readAll, type Send } from '../server.ts';

const connectionHeaders = ['connection', 'keep-alive', 'transfer-encoding'];

/**
 * Passes signed requests on to a local engine over connections that stay open. All requests get the runner's own access key:
 * DynamoDB Local has one database for each key, and the functions must see the one that the runner filled.
 */
export function forwarder(endpoint: string): { readonly send: Send; stop(): void } {
  const agent = new Agent({ keepAlive: true });

  function forward({ headers: received }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { host: _, authorization = '', ...kept } = received;
    const credential = `Credential=${localCredentials.accessKeyId}/`;
    const headers = { ...kept, authorization: authorization.replace(/Credential=[^/]+\//, credential) };
    return new Promise((resolve, reject) => {
      httpRequest(endpoint, { method: 'POST', headers, agent }, resolve).on('error', reject).end(body);
    });
  }

  return {
    send: async (request, body, response) => {
      const answer = await forward(request, body);
      const headers = Object.entries(answer.headers).filter(([name]) => !connectionHeaders.includes(name));
      const answered = await readAll(answer);
      response.writeHead(answer.statusCode ?? 500, Object.fromEntries(headers)).end(answered);
    },
    stop: () => agent.destroy(),
  };
}
