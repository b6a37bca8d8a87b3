import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { Config } from './config/schema.ts';

/** The differences between a protected instance and one that is not. Nothing else in the stack depends on it. */
export interface Protection {
  /** Applies to tables, keys and log groups when the stack is deleted. */
  readonly removalPolicy: RemovalPolicy;
  /** Protects the tables and the stack itself from deletion. */
  readonly deletionProtection: boolean;
  /** Retention of the functions' logs. The access log has its own (http-api.ts). */
  readonly logRetention: RetentionDays;
  /** The time in which the deletion of a KMS key can be cancelled: 7 to 30 days. */
  readonly keyPendingWindow: Duration;
}

const UNPROTECTED: Protection = {
  removalPolicy: RemovalPolicy.DESTROY,
  deletionProtection: false,
  logRetention: RetentionDays.ONE_WEEK,
  keyPendingWindow: Duration.days(7),
};

const PROTECTED: Protection = {
  // Retains nothing when the very deployment that creates it fails: nothing is stored in it yet.
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  deletionProtection: true,
  // 400 days, as long as the records that the log lines explain (auditRetentionDays).
  logRetention: RetentionDays.THIRTEEN_MONTHS,
  keyPendingWindow: Duration.days(30),
};

/** Returns how the parts of an instance are kept and protected from deletion. */
export function protectionOf(config: Pick<Config, 'protected'>): Protection {
  return config.protected ? PROTECTED : UNPROTECTED;
}
