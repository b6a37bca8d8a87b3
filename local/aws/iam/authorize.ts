import { accountId, roleArn } from '../account.ts';
import { dynamodbNeeds, eventsNeeds, kmsNeeds } from './needs.ts';
import { type Denial, denialOf, type Need, type Statement } from './policy.ts';
import type { Role } from './role.ts';

/** A function that sends requests. Its name is its access key id. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
}

export type ServiceName = 'dynamodb' | 'kms' | 'events';

/** A signed request. */
interface SignedRequest {
  /** The header of this name. */
  readonly authorization: string | undefined;
}

/** One request of a service whose requests name their operation, as it is on the wire. */
interface ServiceRequest extends SignedRequest {
  readonly service: ServiceName;
  readonly operation: string;
  readonly body: string;
}

/** The exception that AWS answers to a request that does not reach its service. */
export class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** The statements of policies, by the ARN of the resource that has them. Other resources have no policy of their own. */
export type ResourcePolicies = ReadonlyMap<string, readonly Statement[]>;

const needs = { dynamodb: dynamodbNeeds, kms: kmsNeeds, events: eventsNeeds };

type PolicyKind = 'identity-based' | 'resource-based';

interface PolicyDenial {
  readonly kind: PolicyKind;
  readonly denial: Denial;
}

/** The words of AWS. */
const because: Readonly<Record<Denial, (kind: PolicyKind, action: string) => string>> = {
  explicit: (kind) => `with an explicit deny in ${kind === 'identity-based' ? 'an' : 'a'} ${kind} policy`,
  implicit: (kind, action) => `because no ${kind} policy allows the ${action} action`,
};

/** The words of a report. */
const reasons: Readonly<Record<PolicyKind, string>> = {
  'identity-based': 'its role does not allow it',
  'resource-based': 'the policy of the key does not allow it to its role',
};

function needsOf({ service, operation, body }: ServiceRequest): readonly Need[] {
  try {
    return needs[service](operation, JSON.parse(body));
  } catch {
    throw new Unauthorized('SerializationException', `The body is not one of ${operation}.`);
  }
}

/** Returns the policy that does not allow a need. Both the role's policies and the resource's own must allow it. */
function policyDenial({ role }: Caller, need: Need, resourcePolicies: ResourcePolicies): PolicyDenial | undefined {
  const byRole = denialOf(role.statements, need);
  if (byRole) return { kind: 'identity-based', denial: byRole };
  const policy = resourcePolicies.get(need.resource);
  const context = { ...need.context, 'aws:PrincipalArn': roleArn(role.name) };
  const byResource = policy && denialOf(policy, { ...need, context });
  return byResource && { kind: 'resource-based', denial: byResource };
}

function accessDenied({ name, role }: Caller, { action, resource }: Need, { kind, denial }: PolicyDenial) {
  const user = `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`;
  const what = `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`;
  return new Unauthorized('AccessDeniedException', `${what} ${because[denial](kind, action)}`);
}

/**
 * Returns checks that accept a request when the role of the calling function and the policy of the resource allow it, and
 * throw `Unauthorized` otherwise. Signatures are not checked. Each action that a function is not allowed on a resource is
 * reported once.
 */
export function authorizer(
  functions: readonly Caller[],
  resourcePolicies: ResourcePolicies,
  report: (line: string) => void,
) {
  const callers = new Map(functions.map((caller) => [caller.name, caller]));
  const reported = new Set<string>();

  function callerOf({ authorization }: SignedRequest): Caller {
    if (!authorization)
      throw new Unauthorized('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
    const caller = callers.get(/Credential=([^/]+)\//.exec(authorization)?.[1] ?? '');
    if (caller) return caller;
    throw new Unauthorized('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }

  function reportOnce(line: string): void {
    if (!reported.has(line)) report(line);
    reported.add(line);
  }

  function requireAll(caller: Caller, all: readonly Need[]): void {
    for (const need of all) {
      const denied = policyDenial(caller, need, resourcePolicies);
      if (!denied) continue;
      const { action, resource } = need;
      reportOnce(
        `${caller.name} may not ${action} on ${resource}: refused as in AWS, because ${reasons[denied.kind]}.`,
      );
      throw accessDenied(caller, need, denied);
    }
  }

  return {
    /** Accepts a request when its caller may do all that it needs. @throws Unauthorized */
    authorize: (request: ServiceRequest): void => requireAll(callerOf(request), needsOf(request)),
    /** Accepts a request of S3. @throws Unauthorized */
    authorizeObject: (request: SignedRequest, need: Need): void => requireAll(callerOf(request), [need]),
    /** Returns whether a caller may do something, which nobody refuses. */
    may: (request: SignedRequest, need: Need): boolean => !policyDenial(callerOf(request), need, resourcePolicies),
  };
}
