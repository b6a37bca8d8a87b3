import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { authorizer, type Caller, type ResourcePolicies, type ServiceName, Unauthorized } from './authorize.ts';
import { type LocalServer, listenLocally, readAll, type Send } from './server.ts';

export interface GuardOptions {
  readonly functions: readonly Caller[];
  /** Of the KMS keys. */
  readonly keyPolicies: ResourcePolicies;
  /** What answers that which is allowed. */
  readonly services: Readonly<Record<ServiceName, Send>>;
  readonly report: (line: string) => void;
}

interface Wire {
  readonly service: ServiceName;
  readonly contentType: string;
  /** Of the exceptions that every service has. */
  readonly namespace: string;
}

/** By the prefix of the header X-Amz-Target. */
const wires: Readonly<Record<string, Wire>> = {
  DynamoDB_20120810: {
    service: 'dynamodb',
    contentType: 'application/x-amz-json-1.0',
    namespace: 'com.amazon.coral.service#',
  },
  TrentService: { service: 'kms', contentType: 'application/x-amz-json-1.1', namespace: '' },
};

/**
 * Stands before DynamoDB and KMS as IAM does in AWS: passes on what the role of the calling function and the policy of
 * the key allow, and refuses all else in the words of the service, so that the SDK throws what it would throw in AWS.
 */
export async function startGuard({ functions, keyPolicies, services, report }: GuardOptions): Promise<LocalServer> {
  const authorize = authorizer(functions, keyPolicies, report);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const [prefix = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
    const wire = wires[prefix];
    if (!wire) throw new Error(`There is no local service ${prefix}.`);
    try {
      const { authorization } = request.headers;
      authorize({ service: wire.service, operation, authorization, body: body.toString() });
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      response.writeHead(400, { 'content-type': wire.contentType });
      response.end(JSON.stringify({ __type: wire.namespace + error.type, Message: error.message }));
      return;
    }
    await services[wire.service](request, body, response);
  }

  const server = createServer((request, response) => {
    // To the function it is as if the service itself had broken the connection.
    serve(request, response).catch(() => response.destroy());
  });
  return listenLocally(server, 0);
}
