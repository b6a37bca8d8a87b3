import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';

export type Stage = 'dev' | 'prod';

/** What a stage decides, and nothing else in the stack asks which stage it is. */
export interface StageSettings {
  /** Of tables, keys and log groups, when the stack is destroyed. */
  readonly removalPolicy: RemovalPolicy;
  /** Of the tables and of the stack itself. */
  readonly deletionProtection: boolean;
  readonly logRetention: RetentionDays;
  /** How long a deleted KMS key can still be brought back: KMS takes 7 to 30 days. */
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
    // 400 days, as long as the records the log lines explain (auditRetentionDays).
    logRetention: RetentionDays.THIRTEEN_MONTHS,
    keyPendingWindow: Duration.days(30),
  },
};
