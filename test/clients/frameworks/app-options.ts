export interface AppOptions {
  readonly publishableKey: string;
  readonly secretKey: string;
  /** The URL of the API for servers. */
  readonly apiUrl: string;
  /** The origin of the app's pages. */
  readonly origin: string;
}
