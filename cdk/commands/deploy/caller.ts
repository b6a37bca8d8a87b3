import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type AwsChoice, clientOptions, requestedRegion } from '../client-options.ts';
import { answerOfAws } from '../error-sentence.ts';

/** The account and the Region that AWS credentials lead to. */
export interface Caller {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * Asks AWS whose credentials these are. It needs no permission.
 *
 * @throws CommandError without a Region, and with credentials that are missing, wrong or expired
 */
export async function fetchCaller({ profile, region: option }: AwsChoice): Promise<Caller> {
  const client = new STSClient(clientOptions({ profile, region: requestedRegion(option) }));
  const region = await answerOfAws('STS', client.config.region());
  const { Account = '' } = await answerOfAws('STS', client.send(new GetCallerIdentityCommand({})));
  return { account: Account, region };
}
