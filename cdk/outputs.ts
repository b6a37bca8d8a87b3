import type { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Authority } from '../shared/base/operators.ts';
import type { Config } from './config/schema.ts';
import type { FunctionEnvironment } from './environment.ts';
import { outputNameOf } from './output-name.ts';

export interface Output {
  readonly value: string;
  readonly description: string;
}

export type Outputs = Readonly<Record<string, Output>>;

const descriptions = {
  FRONTEND_API_URL: 'The Frontend API, for browsers',
  INSTANCE_ID: 'iid of actor tokens',
  GENERATION: 'Stored items of any other generation are invalid',
  APPLICATION_NAME: 'The name of the app on the accept page',
  AUDIT_RETENTION_DAYS: 'Days for which tokens and sessions stay stored past their end',
  MAX_TICKET_LIFE_IN_SECONDS: 'The longest expires_in_seconds',
  MAX_SESSION_DURATION_IN_SECONDS: 'The longest session_max_duration_in_seconds',
  TICKET_KEY_IDS: 'KMS keys of actor tokens: the first one signs, all verify',
  SESSION_KEY_IDS: 'KMS keys of session tokens: the first one signs, all verify',
  ACTOR_TOKENS_TABLE: 'Actor tokens: who may act as whom, and how each ended',
  SESSIONS_TABLE: 'Sessions: who acted as whom, when and from where',
  CLIENTS_TABLE: 'Browsers',
  USERS_TABLE: 'Users who can be impersonated',
  SECRET_KEYS_TABLE: 'Hashes of the secret keys of your servers',
  BLOCKLIST_TABLE: 'Actors who may not impersonate',
} as const satisfies { readonly [Name in keyof FunctionEnvironment]?: string };

const ofAudit = {
  AUDIT_BUCKET: 'The log of the record: one object for each seal',
  AUDIT_KEY_IDS: 'KMS keys of the log: the first one signs, all verify',
} as const;

/** The variables that are outputs where the audit is on. */
export const auditVariables = Object.keys(ofAudit) as readonly (keyof typeof ofAudit)[];

/** The variables of the functions that are outputs too, from which a command makes the instance of a stack. */
export const outputVariables = Object.keys(descriptions) as readonly (keyof typeof descriptions)[];

type Variables = FunctionEnvironment & { readonly [Name in keyof typeof ofAudit]?: string };

function variableOutputs(environment: Variables): Outputs {
  const described = { ...descriptions, ...ofAudit };
  const known = [...outputVariables, ...auditVariables].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[outputNameOf(name), { value, description: described[name] }] as const];
  });
  return Object.fromEntries(known);
}

/** Without a hosted zone, the deployer sets the DNS record. */
function targetOf({ name, regionalDomainName }: DomainName): Output {
  return { value: regionalDomainName, description: `Set a CNAME record from ${name} to this name` };
}

/** `npm run deploy` compares them: no other part of the template says it. */
function authorityOutputs({ operators, policy }: Authority = {}): Outputs {
  return {
    ...(operators && {
      Operators: {
        value: operators.required ? 'required' : 'accepted',
        description: 'Tokens of the identity provider: accepted, or required to create actor tokens',
      },
    }),
    ...(policy && { PolicyVersion: { value: policy.version, description: 'The version of the policy in the record' } }),
  };
}

interface Described {
  readonly config: Config;
  readonly authority: Authority | undefined;
  readonly apiUrl: string;
  readonly frontendApiUrl: string;
  readonly publishableKey: string;
}

interface Sources {
  readonly environment: Variables;
  readonly domainName: DomainName | undefined;
}

/** Returns the values of an instance that servers, browsers and the commands of this project need. */
export function outputsOf(
  { config, authority, apiUrl, frontendApiUrl, publishableKey }: Described,
  { environment, domainName }: Sources,
): Outputs {
  return {
    ApiUrl: { value: apiUrl, description: 'The Backend API: apiUrl of @clerk/backend' },
    PublishableKey: { value: publishableKey, description: 'publishableKey of clerk-js' },
    Issuer: { value: frontendApiUrl, description: 'iss of session tokens' },
    JwksUrl: {
      value: `${frontendApiUrl}/.well-known/jwks.json`,
      description: 'The keys that verify session tokens',
    },
    NamePrefix: {
      value: config.stackName,
      description: 'The beginning of the names of alarms, dashboard, saved queries and key aliases',
    },
    Stage: { value: config.stage, description: 'The stage' },
    Protected: {
      value: String(config.protected),
      description: 'Whether tables, keys and logs are protected from deletion',
    },
    ...authorityOutputs(authority),
    ...variableOutputs(environment),
    ...(domainName && config.hostedZoneId === undefined && { DomainNameTarget: targetOf(domainName) }),
  };
}
