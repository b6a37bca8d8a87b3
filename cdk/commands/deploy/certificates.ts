import type { Config } from '../../config/schema.ts';
import { CommandError } from '../errors.ts';
import type { Caller } from './caller.ts';

/** Returns the Region and the account in `arn:aws:acm:<Region>:<account>:certificate/<id>`. */
function placeOf(arn: string): Caller {
  const [, , , region = '', account = ''] = arn.split(':');
  return { region, account };
}

/**
 * Checks that API Gateway and CloudFront can use their certificates: both need one of their own account, and API Gateway one of its
 * own Region. That the certificate of CloudFront is in us-east-1 is a part of its form.
 *
 * @throws CommandError
 */
export function checkCertificates({ certificateArn, cloudFront }: Config, { account, region }: Caller): void {
  const ofApi = certificateArn === undefined ? undefined : placeOf(certificateArn);
  if (ofApi && ofApi.region !== region)
    throw new CommandError(
      `certificateArn is a certificate in ${ofApi.region}, and the stack would be deployed to ${region}, where API Gateway needs ` +
        `its certificate: request one in ${region} and write its ARN, or deploy to ${ofApi.region} with --region.`,
    );
  const all = { certificateArn, 'cloudFront.certificateArn': cloudFront?.certificateArn };
  for (const [name, arn] of Object.entries(all))
    if (arn !== undefined && placeOf(arn).account !== account)
      throw new CommandError(
        `${name} is a certificate of the account ${placeOf(arn).account}, and your AWS credentials are those of ${account}: choose ` +
          'the other account with AWS_PROFILE, or write the ARN of a certificate of this one.',
      );
}
