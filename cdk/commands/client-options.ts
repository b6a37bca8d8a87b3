/** The choice of an AWS account and Region. What is undefined is that of the environment. */
export interface AwsChoice {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/** Returns the Region that an option or the environment names; undefined for that of the profile. */
export function requestedRegion(option: string | undefined): string | undefined {
  // The AWS CLI reads AWS_DEFAULT_REGION; the SDK does not.
  return option || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || undefined;
}

/** Returns the options of an SDK client for this choice. */
export function clientOptions({ profile, region }: AwsChoice) {
  return { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }), maxAttempts: 3 };
}
