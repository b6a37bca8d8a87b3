import type { Ids } from '../../shared/base/metrics.ts';

/**
 * The members of a log line that say who asked, and about whom. The compiler accepts this object only when it has each of them and no
 * other.
 */
export const LOGGED_NAMES: Readonly<Record<keyof Ids | 'source_ip', true>> = {
  actor_sub: true,
  actor_token_id: true,
  secret_key_id: true,
  session_id: true,
  session_ids: true,
  source_ip: true,
  user_id: true,
  user_ids: true,
};
