import { type ILogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { lastUseQueryName } from '../last-use-query.ts';
import type { Monitored } from './metrics.ts';

/**
 * Creates the saved query for the last use of each secret key. No function may write secret keys, so the log is the only place that
 * shows it. A request with a key that is revoked or expired is answered 401, and is no use.
 */
export function createQueries(scope: Construct, { config, functions }: Monitored): void {
  const logGroups: ILogGroup[] = [...functions.values()].map(({ logGroup }) => logGroup);
  new QueryDefinition(scope, 'LastUseQuery', {
    queryDefinitionName: lastUseQueryName(config.stackName),
    queryString: new QueryString({
      filterStatements: ['message = "request" and ispresent(secret_key_id) and status != 401'],
      stats: 'max(@timestamp) as last_use, count(*) as requests by secret_key_id',
      sort: 'last_use desc',
    }),
    logGroups,
  });
}
