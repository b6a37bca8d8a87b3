import type { Instance } from '../base/instance.ts';

/** The tables whose changes become events. */
export const auditedTables = ['ActorTokens', 'Sessions', 'Blocklist', 'SecretKeys'] as const;
export type AuditedTable = (typeof auditedTables)[number];

/** The name of each audited table in AWS. */
export function auditedTableNames({ tables }: Instance): Readonly<Record<AuditedTable, string>> {
  return {
    ActorTokens: tables.actorTokens,
    Sessions: tables.sessions,
    Blocklist: tables.blocklist,
    SecretKeys: tables.secretKeys,
  };
}
