import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Fn } from 'aws-cdk-lib/core';
import { hostInKey } from '../shared/base/publishable-key.ts';
import type { Config } from './config/schema.ts';

/** The URLs of the API, without a trailing slash. */
export interface Urls {
  /** For servers. */
  readonly api: string;
  /** For browsers: on the app's own site, if the configuration names it. */
  readonly frontendApi: string;
}

/** Returns the app's reverse proxy or the custom domain, if there is one, else API Gateway's own host. */
export function urlsOf({ domainName, proxyUrl }: Config, api: HttpApi): Urls {
  const url = domainName === undefined ? api.apiEndpoint : `https://${domainName}`;
  return { api: url, frontendApi: proxyUrl ?? url };
}

/** Returns the publishable key that names the host of the Frontend API; clerk-js sends its requests there. */
export function publishableKeyOf({ frontendApi }: Urls): string {
  // `https://<host>` split at its slashes: the host is the third part.
  const host = Fn.select(2, Fn.split('/', frontendApi));
  return `pk_live_${Fn.base64(`${hostInKey(host)}$`)}`;
}
