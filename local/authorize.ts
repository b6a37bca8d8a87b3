import { dynamodbNeeds, kmsNeeds } from './needs.ts';
import { type Denial, denialOf, type Need } from './policy.ts';
import type { FunctionDefinition } from './stack.ts';
import { accountId } from './template.ts';

/** A function that sends requests; its name is its access key id. */
export type Caller = Pick<FunctionDefinition, 'name' | 'role'>;

export type ServiceName = 'dynamodb' | 'kms';

/** One signed request as it is on the wire. */
export interface ServiceRequest {
  readonly service: ServiceName;
  readonly operation: string;
  /** The header. */
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A request that does not reach its service, as the exception that AWS answers. */
export class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const needs = { dynamodb: dynamodbNeeds, kms: kmsNeeds };

const because: Readonly<Record<Denial, (action: string) => string>> = {
  explicit: () => 'with an explicit deny in an identity-based policy',
  implicit: (action) => `because no identity-based policy allows the ${action} action`,
};

function needsOf({ service, operation, body }: ServiceRequest): readonly Need[] {
  try {
    return needs[service](operation, JSON.parse(body));
  } catch {
    throw new Unauthorized('SerializationException', `The body is not one of ${operation}.`);
  }
}

/**
 * Answers with a check that passes over what the role of the calling function allows and throws `Unauthorized` for all else.
 * Signatures are not checked. `report` hears of each action on a resource that a function was refused, once.
 */
export function authorizer(functions: readonly Caller[], report: (line: string) => void) {
  const callers = new Map(functions.map((caller) => [caller.name, caller]));
  const told = new Set<string>();

  function callerOf({ authorization }: ServiceRequest): Caller {
    if (!authorization)
      throw new Unauthorized('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
    const caller = callers.get(/Credential=([^/]+)\//.exec(authorization)?.[1] ?? '');
    if (caller) return caller;
    throw new Unauthorized('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }

  return (request: ServiceRequest): void => {
    const { name, role } = callerOf(request);
    for (const need of needsOf(request)) {
      const denial = denialOf(role.statements, need);
      if (!denial) continue;
      const { action, resource } = need;
      const line = `${name} may not ${action} on ${resource}: refused as in AWS, because its role does not allow it.`;
      if (!told.has(line)) report(line);
      told.add(line);
      const user = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`;
      const what = `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new Unauthorized('AccessDeniedException', `${what} ${because[denial](action)}`);
    }
  };
}
