import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type App, type Stack, Validations } from 'aws-cdk-lib/core';
import { ConfigError } from './config/error.ts';
import { enginePorts, samEndpoint } from './sam-addresses.ts';

/** The name of this machine inside a container. */
const MACHINE = 'host.docker.internal';

/** The engines accept any credentials. Without these, SAM gives the functions your own. */
const ENGINES = {
  AWS_ENDPOINT_URL_DYNAMODB: `http://${MACHINE}:${enginePorts.dynamodb}`,
  AWS_ENDPOINT_URL_KMS: `http://${MACHINE}:${enginePorts.kms}`,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: '',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
};

/**
 * Returns whether the template is for SAM: `-c sam=1`.
 *
 * @throws ConfigError for any other value
 */
export function isForSam({ node }: App): boolean {
  const value: unknown = node.tryGetContext('sam');
  if (value !== undefined && String(value) !== '1')
    throw new ConfigError(`sam is ${JSON.stringify(value)}: write 1, or leave it out.`);
  return value !== undefined;
}

/** Returns a value of the template as text. The local engines know a resource by its logical id. */
function literal(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, argument] = ['', undefined]] = Object.entries(Object(value));
  if (intrinsic === 'Ref' && typeof argument === 'string') return argument;
  if (intrinsic === 'Fn::Join' && Array.isArray(argument)) return argument[1].map(literal).join(argument[0]);
  throw new Error(`-c sam=1 cannot resolve ${JSON.stringify(value)} without AWS: add its form to cdk/sam.ts.`);
}

/**
 * Changes the template of a stack so that `sam local start-api` can run it beside `npm run engines`. SAM guesses what a `Ref` means
 * and resolves some `Fn::GetAtt` wrongly, so every variable of a function becomes plain text. AWS refuses such a template, because
 * a template must not set the credentials of a function.
 */
export function prepareForSam(stack: Stack): void {
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::E3663',
    reason: 'Without these variables, SAM gives the functions the credentials of the person who starts it.',
  });
  for (const fn of stack.node.findAll().filter((child) => child instanceof CfnFunction)) {
    const { variables = {} } = Object(stack.resolve(fn.environment));
    // One override for each variable, so that another construct can still add its own.
    const checked = 'CHECKED_URLS' in variables && { CHECKED_URLS: samEndpoint };
    for (const [name, value] of Object.entries({ ...variables, ...checked, FRONTEND_API_URL: samEndpoint, ...ENGINES }))
      fn.addPropertyOverride(`Environment.Variables.${name}`, literal(value));
    // Most machines that run SAM have this architecture; another one is emulated slowly.
    fn.addPropertyOverride('Architectures', ['x86_64']);
  }
}
