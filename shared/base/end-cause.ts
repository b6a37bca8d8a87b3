/**
 * The cause of the end of a session, for the record and the metrics. A session that expires has none: expiry follows from the time.
 * `command_revoke`: an administrator's command ended it. `tampered`: its stored items do not belong together. `actor_blocked` and
 * `instance_blocked`: the blocklist has its actor, or everybody. `policy`: the policy no longer allows it.
 */
export type EndCause =
  | 'end'
  | 'remove'
  | 'sign_out'
  | 'sign_in'
  | 'backend_revoke'
  | 'command_revoke'
  | 'user_banned'
  | 'user_deleted'
  | 'external_id_changed'
  | 'tampered'
  | 'actor_blocked'
  | 'instance_blocked'
  | 'policy';
