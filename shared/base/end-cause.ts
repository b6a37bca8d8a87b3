/** Why a session ended, for the record and the metrics. A session that merely expired has no cause: it follows from the time. */
export type EndCause = 'end' | 'remove' | 'sign_out' | 'sign_in' | 'backend_revoke' | 'user_banned' | 'user_deleted';
