import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type Stack, Validations } from 'aws-cdk-lib/core';
import { ConfigError, type Context } from './config.ts';
import { enginePorts, samEndpoint } from './sam-addresses.ts';

/** How the machine is called inside a container. */
const MACHINE = 'host.docker.internal';

/** What the engines take from anyone. SAM would hand the functions your own credentials. */
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
 * Whether the template is for SAM: `-c sam=1`.
 *
 * @throws ConfigError
 */
export function isForSam(context: Context): boolean {
  const given = context.tryGetContext('sam');
  if (given !== undefined && String(given) !== '1')
    throw new ConfigError(`sam is ${JSON.stringify(given)}: write 1, or leave it out.`);
  return given !== undefined;
}

/** A value of the template as SAM has to find it: what is deployed goes by its logical id. */
function literal(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, argument] = ['', undefined]] = Object.entries(Object(value));
  if (intrinsic === 'Ref' && typeof argument === 'string') return argument;
  if (intrinsic === 'Fn::Join' && Array.isArray(argument)) return argument[1].map(literal).join(argument[0]);
  throw new Error(`-c sam=1 cannot say what ${JSON.stringify(value)} is without AWS: teach it in cdk/sam.ts.`);
}

/**
 * Makes a stack's template one that `sam local start-api` can run beside `npm run engines`. SAM resolves a `Ref` by guessing and
 * some `Fn::GetAtt` wrongly, so every variable of a function becomes the text it stands for. Such a template is not for AWS, which
 * refuses it: the functions' credentials are not for a template to set.
 */
export function prepareForSam(stack: Stack): void {
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::E3663',
    reason: 'SAM would hand the functions the credentials of whoever starts it, were they not set.',
  });
  for (const fn of stack.node.findAll().filter((child) => child instanceof CfnFunction)) {
    const { variables = {} } = Object(stack.resolve(fn.environment));
    // Written over what is there, value by value: the construct may still be given others.
    for (const [name, value] of Object.entries({ ...variables, FRONTEND_API_URL: samEndpoint, ...ENGINES }))
      fn.addPropertyOverride(`Environment.Variables.${name}`, literal(value));
    // Of most machines that SAM runs on; another one is emulated, slowly.
    fn.addPropertyOverride('Architectures', ['x86_64']);
  }
}
