import { dynamodbNeeds, kmsNeeds } from './needs.ts';
import { type Denial, denialOf, type Need, type Statement } from './policy.ts';
import type { FunctionDefinition } from './stack.ts';
import { accountId, roleArn } from './template.ts';

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

type PolicyKind = 'identity-based' | 'resource-based';

const because: Readonly<Record<Denial, (kind: PolicyKind, action: string) => string>> = {
  explicit: (kind) => `with an explicit deny in ${kind === 'identity-based' ? 'an' : 'a'} ${kind} policy`,
  implicit: (kind, action) => `because no ${kind} policy allows the ${action} action`,
};

const whose: Readonly<Record<PolicyKind, string>> = {
  'identity-based': 'its role does not allow it',
  'resource-based': 'the policy of the key does not let its role do it',
};

/** By the ARN of the resource. One that is not in it has no policy of its own. */
export type ResourcePolicies = ReadonlyMap<string, readonly Statement[]>;

function needsOf({ service, operation, body }: ServiceRequest): readonly Need[] {
  try {
    return needs[service](operation, JSON.parse(body));
  } catch {
    throw new Unauthorized('SerializationException', `The body is not one of ${operation}.`);
  }
}

/** Which policy stands in the way of a need, and how: it takes both the role's and the resource's own, where it has one. */
function refusalOf(
  { role }: Caller,
  need: Need,
  resourcePolicies: ResourcePolicies,
): { readonly kind: PolicyKind; readonly denial: Denial } | undefined {
  const byRole = denialOf(role.statements, need);
  if (byRole) return { kind: 'identity-based', denial: byRole };
  const policy = resourcePolicies.get(need.resource);
  const context = { ...need.context, 'aws:PrincipalArn': roleArn(role.name) };
  const byResource = policy && denialOf(policy, { ...need, context });
  return byResource && { kind: 'resource-based', denial: byResource };
}

/**
 * Answers with a check that passes over what the role of the calling function and the policy of the resource allow, and throws
 * `Unauthorized` for all else. Signatures are not checked. `report` hears of each action on a resource that a function was
 * refused, once.
 */
export function authorizer(
  functions: readonly Caller[],
  resourcePolicies: ResourcePolicies,
  report: (line: string) => void,
) {
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
    const caller = callerOf(request);
    const { name, role } = caller;
    for (const need of needsOf(request)) {
      const refusal = refusalOf(caller, need, resourcePolicies);
      if (!refusal) continue;
      const { kind, denial } = refusal;
      const { action, resource } = need;
      const line = `${name} may not ${action} on ${resource}: refused as in AWS, because ${whose[kind]}.`;
      if (!told.has(line)) report(line);
      told.add(line);
      const user = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`;
      const what = `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new Unauthorized('AccessDeniedException', `${what} ${because[denial](kind, action)}`);
    }
  };
}
