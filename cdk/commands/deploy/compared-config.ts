import type { LimitName } from '../../config/limit-names.ts';
import type { Config } from '../../config/schema.ts';

/** The part of the configuration of an instance that a deployment must not undo. */
export interface ComparedConfig {
  /** Tables, keys and logs are protected from deletion. */
  readonly isProtected: boolean;
  readonly generation: number;
  /** A version that did not have a limit yet has deployed none. */
  readonly limits: { readonly [Name in LimitName]?: number };
  /** Numbers of the keys: the first one signs, all verify. */
  readonly ticketKeys: readonly number[];
  readonly sessionKeys: readonly number[];
  readonly restoredTables: Config['restoredTables'];
  /** Secret keys cannot create actor tokens. */
  readonly operatorsAreRequired: boolean;
  readonly hasPolicy: boolean;
  /** Numbers of the keys of the log; empty where the audit is off. */
  readonly auditKeys: readonly number[];
  /** The hashes of the origin secrets that the functions accept; empty without CloudFront in front. */
  readonly originSecretHashes: readonly string[];
}

export function comparedPartOf(config: Config): ComparedConfig {
  const { generation, ticketKeys, sessionKeys, restoredTables, operators, policy, audit, auditKeys, cloudFront } =
    config;
  const { maxTicketLifeInSeconds, maxSessionDurationInSeconds, auditRetentionDays } = config;
  return {
    isProtected: config.protected,
    generation,
    limits: { maxTicketLifeInSeconds, maxSessionDurationInSeconds, auditRetentionDays },
    ticketKeys,
    sessionKeys,
    restoredTables,
    operatorsAreRequired: operators?.required ?? false,
    hasPolicy: policy !== undefined,
    auditKeys: audit === 'on' ? auditKeys : [],
    originSecretHashes: cloudFront?.originSecretHashes ?? [],
  };
}
