import { bucketArn } from '../account.ts';
import { answerS3Error, type LocalS3, placeOf } from '../s3/s3.ts';
import { type LocalServer, listenLocally, type Send, serverOf } from '../server.ts';
import { authorizer, type Caller, type ResourcePolicies, type ServiceName, Unauthorized } from './authorize.ts';

interface GuardOptions {
  readonly functions: readonly Caller[];
  readonly keyPolicies: ResourcePolicies;
  /** Answers the requests that are allowed. */
  readonly services: Readonly<Record<ServiceName, Send>> & { readonly s3: LocalS3['send'] };
  readonly report: (line: string) => void;
}

/** The wire protocol of a service. */
interface Wire {
  readonly service: ServiceName;
  readonly contentType: string;
  /** The namespace of the exceptions that every service has. */
  readonly namespace: string;
}

/** The services, by the prefix of the header X-Amz-Target. */
const wires: Readonly<Record<string, Wire>> = {
  DynamoDB_20120810: {
    service: 'dynamodb',
    contentType: 'application/x-amz-json-1.0',
    namespace: 'com.amazon.coral.service#',
  },
  TrentService: { service: 'kms', contentType: 'application/x-amz-json-1.1', namespace: '' },
  AWSEvents: { service: 'events', contentType: 'application/x-amz-json-1.1', namespace: '' },
};

/**
 * Stands in front of DynamoDB, KMS, S3 and EventBridge as IAM does in AWS: passes on the requests that the role of the calling function and the
 * policy of the key allow, and refuses all others in the words of the service, so that the SDK throws the error it throws in AWS.
 */
export async function startGuard({ functions, keyPolicies, services, report }: GuardOptions): Promise<LocalServer> {
  const { authorize, authorizeObject, may } = authorizer(functions, keyPolicies, report);

  const serveObject: Send = async (request, body, response) => {
    const { bucket, key } = placeOf(request.url) ?? { bucket: '', key: '' };
    const action = request.method === 'PUT' ? 's3:PutObject' : 's3:GetObject';
    const { authorization } = request.headers;
    try {
      authorizeObject({ authorization }, { action, resource: `${bucketArn(bucket)}/${key}` });
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      return answerS3Error(response, 403, 'AccessDenied', 'Access Denied');
    }
    const mayList = may({ authorization }, { action: 's3:ListBucket', resource: bucketArn(bucket) });
    await services.s3(mayList)(request, body, response);
  };

  const serve: Send = async (request, body, response) => {
    // Requests of S3 are not named by a header; their signature names the service.
    if (/\/s3\/aws4_request/.test(request.headers.authorization ?? '')) return serveObject(request, body, response);
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
  };

  return listenLocally(serverOf(serve), 0);
}
