import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import { pascalCase } from '../pascal-case.ts';
import { LAST_USE_QUERY, savedQueryName } from '../saved-query-name.ts';
import type { Monitored } from './metrics.ts';

/** The logs that a saved query can search. Not every instance has the last two. */
type Log = 'functions' | 'access' | 'sealer' | 'health check';

interface SavedQuery {
  /** Its name in docs/runbooks.md. */
  readonly name: string;
  readonly log: Log;
  /** A query of CloudWatch Logs Insights. */
  readonly query: string;
  /** Returns whether an instance needs the query. By default every instance does. */
  readonly isNeeded?: (config: Config) => boolean;
}

const queries: readonly SavedQuery[] = [
  {
    // No function may write secret keys, so the log is the only place that shows it. A request with a key that is revoked or expired is
    // answered 401, and is no use.
    name: LAST_USE_QUERY,
    log: 'functions',
    query: `filter message = "request" and ispresent(secret_key_id) and status != 401
| stats max(@timestamp) as last_use, count(*) as requests by secret_key_id
| sort last_use desc`,
  },
  {
    name: 'server-errors by operation',
    log: 'functions',
    query: `filter message = "request" and status >= 500
| stats count(*) as answers, max(@timestamp) as latest by operation, code, error
| sort answers desc`,
  },
  {
    name: 'server-errors one by one',
    log: 'functions',
    query: `filter message = "request" and status >= 500
| fields @timestamp, operation, code, error, causes.0, stack.0, stack.1, duration_ms, trace_id
| sort @timestamp desc
| limit 20`,
  },
  {
    name: 'used-ticket',
    log: 'functions',
    query: `filter operation like /^(CreateSignIn|AcceptTicket|ShowAcceptPage)$/ and ispresent(actor_token_id)
| fields @timestamp, operation, actor_token_id, source_ip, session_id, status, code, request_id
| sort @timestamp desc
| limit 50`,
  },
  {
    name: 'browser of a request',
    log: 'access',
    query: `filter requestId = "…"
| fields @timestamp, userAgent, status`,
  },
  {
    name: 'invalid-tickets by address',
    log: 'access',
    query: `filter status = "400" and routeKey in ["POST /v1/client/sign_ins", "POST /v1/client/sign_ups", "GET /v1/tickets/accept", "HEAD /v1/tickets/accept"]
| stats count(*) as requests, min(@timestamp) as first, max(@timestamp) as latest by sourceIp
| sort requests desc`,
  },
  {
    name: 'refused calls of the Backend API by address',
    log: 'access',
    query: `filter status = "401" and routeKey not like "/v1/client" and routeKey not like "/v1/me"
| stats count(*) as calls, min(@timestamp) as first, max(@timestamp) as latest by sourceIp, routeKey
| sort calls desc`,
  },
  {
    name: 'missing-secret-keys by operation',
    log: 'functions',
    query: `filter code = "authentication_invalid" or code = "authorization_header_format_invalid"
| stats count(*) as calls, min(@timestamp) as first, max(@timestamp) as latest by operation
| sort calls desc`,
  },
  {
    name: 'tampered',
    log: 'functions',
    query: `filter end_cause = "tampered"
| fields @timestamp, operation, session_id, source_ip, trace_id
| sort @timestamp desc`,
  },
  {
    name: 'requests by route',
    log: 'access',
    query: `stats count(*) as requests by routeKey, status, sourceIp
| sort requests desc
| limit 20`,
  },
  {
    name: 'requests by caller',
    log: 'functions',
    query: `filter message = "request"
| stats count(*) as requests by source_ip, operation, code
| sort requests desc
| limit 20`,
  },
  {
    name: 'throttled-requests by route',
    log: 'access',
    query: `filter status = "429" and integrationLatency = "-"
| stats count(*) as refused by routeKey, sourceIp
| sort refused desc
| limit 20`,
  },
  {
    name: 'signatures by operation',
    log: 'functions',
    query: `filter ispresent(SignLatency)
| stats count(*) as signatures, pct(SignLatency, 99) as p99 by operation, bin(1m)
| sort signatures desc`,
  },
  {
    name: 'busy',
    log: 'functions',
    query: `filter code = "too_many_requests"
| stats count(*) as answers by operation, causes.0, source_ip
| sort answers desc`,
  },
  {
    name: 'dropped-failures',
    log: 'functions',
    query: `filter message = "dropped"
| fields @timestamp, what, error, causes.0, session_id, actor_token_id, trace_id
| sort @timestamp desc
| limit 50`,
  },
  {
    name: 'function-errors',
    log: 'functions',
    query: `filter @message like /Task timed out|Runtime\\.|ERROR|Error: Runtime exited/
| fields @timestamp, @requestId, @log, @message
| sort @timestamp desc
| limit 20`,
  },
  {
    name: 'origin-refused by address',
    log: 'access',
    query: `filter status = "403"
| stats count(*) as refused, min(@timestamp) as first, max(@timestamp) as latest by sourceIp
| sort refused desc`,
    isNeeded: ({ cloudFront }) => cloudFront !== undefined,
  },
  {
    name: 'requests of a session',
    log: 'functions',
    query: `filter session_id = "sess_…"
| fields @timestamp, operation, status, code, end_cause, trace_id
| sort @timestamp asc`,
  },
  {
    name: 'requests of a secret key',
    log: 'functions',
    query: `filter secret_key_id = "key_…"
| fields @timestamp, source_ip, operation, status, actor_token_id, session_id, request_id
| sort @timestamp desc`,
  },
  {
    name: 'unreachable',
    log: 'health check',
    query: `filter message = "checked" and level = "error"
| stats count(*) as checks, min(@timestamp) as first, max(@timestamp) as latest by url, problem
| sort latest desc`,
    isNeeded: ({ healthCheck }) => healthCheck,
  },
  {
    name: 'audit-behind',
    log: 'sealer',
    query: `filter message = "sealed" and level = "error"
| stats count(*) as failures, max(@timestamp) as latest by error`,
    isNeeded: ({ audit }) => audit === 'on',
  },
];

function logGroupNames({ functions, accessLogs, audit, healthCheck }: Monitored): Readonly<Record<Log, string[]>> {
  return {
    functions: [...functions.values()].map(({ logGroup }) => logGroup.logGroupName),
    access: [accessLogs.logGroupName],
    sealer: audit ? [audit.sealer.logGroup.logGroupName] : [],
    'health check': healthCheck ? [healthCheck.fn.logGroup.logGroupName] : [],
  };
}

/** Creates the saved queries that docs/runbooks.md names, so that nobody has to paste one. */
export function createQueries(scope: Construct, monitored: Monitored): void {
  const { config } = monitored;
  const logGroups = logGroupNames(monitored);
  for (const { name, log, query, isNeeded = () => true } of queries)
    if (isNeeded(config))
      new CfnQueryDefinition(scope, `Query${pascalCase(name)}`, {
        name: savedQueryName(config.stackName, name),
        queryString: query,
        logGroupNames: logGroups[log],
      });
}
