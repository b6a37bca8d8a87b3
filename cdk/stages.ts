import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';

export type Stage = 'dev' | 'prod';

/** The differences between the stages. Nothing else in the stack depends on its stage. */
export interface StageSettings {
  /** Applies to tables, keys and log groups when the stack is deleted. */
  readonly removalPolicy: RemovalPolicy;
  /** Protects the tables and the stack itself from deletion. */
  readonly deletionProtection: boolean;
  /** Retention of the functions' logs. The access log has its own (http-api.ts). */
  readonly logRetention: RetentionDays;
  /** The time in which the deletion of a KMS key can be cancelled: 7 to 30 days. */
  readonly keyPendingWindow: Duration;
}

export const stages: Record<Stage, StageSettings> = {
  dev: {
    removalPolicy: RemovalPolicy.DESTROY,
    deletionProtection: false,
    logRetention: RetentionDays.ONE_WEEK,
    keyPendingWindow: Duration.days(7),
  },
  prod: {
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    // 400 days, as long as the records that the log lines explain (auditRetentionDays).
    logRetention: RetentionDays.THIRTEEN_MONTHS,
    keyPendingWindow: Duration.days(30),
  },
};
