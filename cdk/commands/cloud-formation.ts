import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { type EpochMs, epochMs } from '../../shared/base/time.ts';
import { type AwsChoice, clientOptions, requestedRegion } from './client-options.ts';
import { answerOfAws } from './error-sentence.ts';
import { CommandError } from './errors.ts';

interface DescribedStack {
  /** The Region in which the stack was found. */
  readonly region: string;
  readonly outputs: ReadonlyMap<string, string>;
}

/** Returns undefined when there is no such stack. */
async function findStack(client: CloudFormationClient, stackName: string): Promise<Stack | undefined> {
  const answer = client.send(new DescribeStacksCommand({ StackName: stackName })).catch((error: unknown) => {
    // CloudFormation reports unknown and malformed stack names alike as ValidationError.
    if (error instanceof Error && error.name === 'ValidationError') return { Stacks: [] };
    throw error;
  });
  const { Stacks = [] } = await answerOfAws('CloudFormation', answer);
  return Stacks[0];
}

/**
 * Returns the outputs of a deployed stack.
 *
 * @throws CommandError
 */
export async function describeStack(stackName: string, regionOption: string | undefined): Promise<DescribedStack> {
  const client = new CloudFormationClient(clientOptions({ region: requestedRegion(regionOption) }));
  const region = await answerOfAws('CloudFormation', client.config.region());
  const stack = await findStack(client, stackName);
  if (!stack)
    throw new CommandError(
      `There is no stack ${stackName} in ${region}: choose the stack with --stack, its Region with --region and its account ` +
        'with AWS_PROFILE, or deploy it with "npm run deploy".',
    );
  const outputs = (stack.Outputs ?? []).map(
    ({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const,
  );
  return { region, outputs: new Map(outputs) };
}

/** Nothing is deployed in these: a change set that was never executed, and a first deployment that failed. */
const WITHOUT_RESOURCES = ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE'];

/** In these the template is about to be deployed or rolled back. */
const CHANGING = /^(?!UPDATE_COMPLETE_CLEANUP|REVIEW).*_IN_PROGRESS$/;

/**
 * Returns the template of a deployed stack as its text; undefined if nothing is deployed under this name.
 *
 * @throws CommandError, also while a deployment is in progress
 */
export async function fetchTemplate(stackName: string, choice: AwsChoice): Promise<string | undefined> {
  const client = new CloudFormationClient(clientOptions(choice));
  const { StackStatus = '' } = (await findStack(client, stackName)) ?? { StackStatus: 'DELETE_COMPLETE' };
  if (WITHOUT_RESOURCES.includes(StackStatus)) return undefined;
  if (CHANGING.test(StackStatus))
    throw new CommandError(`The stack ${stackName} is ${StackStatus}: wait until that has ended, then try again.`);
  const answer = client.send(new GetTemplateCommand({ StackName: stackName }));
  const { TemplateBody = '' } = await answerOfAws('CloudFormation', answer);
  return TemplateBody;
}

const SETTLED = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE'];

/**
 * Returns when the last deployment of a stack ended, or 0 when that is longer ago than CloudFormation's 90 days of events. The
 * LastUpdatedTime of the stack would be when the deployment began.
 *
 * @throws CommandError while a deployment is in progress, and after one that failed
 */
export async function fetchLastDeploymentEnd(stackName: string, region: string): Promise<EpochMs> {
  const client = new CloudFormationClient(clientOptions({ region }));
  let page: string | undefined;
  do {
    const command = new DescribeStackEventsCommand({ StackName: stackName, NextToken: page });
    const { StackEvents = [], NextToken } = await answerOfAws('CloudFormation', client.send(command));
    // The newest event comes first.
    const event = StackEvents.find(({ PhysicalResourceId, StackId }) => PhysicalResourceId === StackId);
    if (event?.ResourceStatus && event.Timestamp) {
      if (SETTLED.includes(event.ResourceStatus)) return epochMs(event.Timestamp.getTime());
      throw new CommandError(
        `The stack ${stackName} is ${event.ResourceStatus}: wait until its deployment has ended, or repair it.`,
      );
    }
    page = NextToken;
  } while (page !== undefined);
  return epochMs(0);
}
