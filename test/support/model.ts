// The rules of actor tokens and sessions, without storage, signatures and HTTP.
const INACTIVITY = 600_000;

export interface Session {
  readonly browser: string;
  readonly expireAt: number;
  lastActiveAt: number;
  end?: { readonly status: string; readonly at: number };
}

export interface Token {
  status: 'pending' | 'accepted' | 'revoked';
  readonly createdAt: number;
  readonly expireAt: number;
  readonly duration: number;
  session?: Session;
}

/** The rules. */
export class Model {
  now: number;
  banned = false;
  /** Time at which the latest ban was lifted. */
  unbannedAt = 0;
  readonly tokens: Token[] = [];
  /** The session that belongs to a browser's cookie. */
  readonly current = new Map<string, Session>();

  constructor(now: number) {
    this.now = now;
  }

  get sessions(): Session[] {
    return this.tokens.flatMap(({ session }) => (session ? [session] : []));
  }

  get replaced(): Session[] {
    return this.sessions.filter((session) => !this.isCurrent(session));
  }

  deadlines(): number[] {
    const ofSessions = this.sessions.flatMap((each) => [each.expireAt, each.lastActiveAt + INACTIVITY]);
    return [...this.tokens.map(({ expireAt }) => expireAt), ...ofSessions].filter((at) => at > this.now);
  }

  statusOf({ end, expireAt, lastActiveAt }: Session): string {
    const naturalEnd = Math.min(expireAt, lastActiveAt + INACTIVITY);
    if (end) return end.at < naturalEnd ? end.status : 'expired';
    return this.now < naturalEnd ? 'active' : 'expired';
  }

  end(session: Session, status: string): void {
    session.end ??= { status, at: this.now };
  }

  redeem(token: Token, browser: string, isStale: boolean): string {
    if (token.expireAt <= this.now) return 'ticket_expired_code';
    if (token.status === 'revoked') return 'actor_token_revoked_code';
    if (token.status === 'accepted') return 'actor_token_already_used_code';
    if (isStale) return 'authentication_invalid';
    if (this.banned) return 'user_banned';
    if (token.createdAt < this.unbannedAt) return 'actor_token_cannot_be_used_code';
    const previous = this.current.get(browser);
    if (previous && previous.expireAt > this.now) this.end(previous, 'removed');
    token.status = 'accepted';
    token.session = { browser, expireAt: this.now + token.duration, lastActiveAt: this.now };
    this.current.set(browser, token.session);
    return 'ok';
  }

  isCurrent(session: Session): boolean {
    return this.current.get(session.browser) === session;
  }

  ban(banned: boolean): void {
    if (this.banned && !banned) this.unbannedAt = this.now;
    this.banned = banned;
    for (const each of banned ? this.sessions : []) if (this.statusOf(each) === 'active') this.end(each, 'revoked');
  }
}
