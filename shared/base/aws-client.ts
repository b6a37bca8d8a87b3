import type { Instance } from './instance.ts';

type Service = keyof NonNullable<Instance['aws']['endpoints']>;

/**
 * The options of every client of the AWS SDK. Three attempts of at most 1.5 s keep a call within 5 s, well inside the time of a
 * function. In a function nothing names an endpoint here, so the SDK's variable `AWS_ENDPOINT_URL_…` points the same code at a local one.
 */
export function awsClientOptions({ aws: { region, credentials, endpoints } }: Instance, service: Service) {
  return {
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
    // The variables and the profile of a shell can switch these on, and the SDK then refuses an endpoint.
    ...(endpoints?.[service] !== undefined && { endpoint: endpoints[service] }),
    ...(endpoints && { useFipsEndpoint: false, useDualstackEndpoint: false }),
    maxAttempts: 3,
    // The SDK builds the functions around a command once, not for each call. No client adds one after its first call.
    cacheMiddleware: true,
    // requestTimeout ends with the headers of an answer; socketTimeout limits the silence after them.
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, socketTimeout: 1500, throwOnRequestTimeout: true },
  };
}
