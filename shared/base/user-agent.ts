/** The device and the browser that a user agent names. What it does not name is undefined. */
export interface Device {
  readonly browserName: string | undefined;
  /** The major version. */
  readonly browserVersion: string | undefined;
  readonly type: string | undefined;
  readonly isMobile: boolean;
}

/** The browsers by the token with their version. Most also have the tokens of those that follow, for the sake of old pages. */
const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/(?<version>\d+)/],
  ['Opera', /\bOPR\/(?<version>\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(?<version>\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(?<version>\d+)/],
  ['Chrome', /\b(?:Chrome|CriOS)\/(?<version>\d+)/],
  ['Safari', /\bVersion\/(?<version>\d+)\S* (?:Mobile\/\S+ )?Safari\//],
] as const;

const TYPES = /\b(?:iPhone|iPad|Android|Macintosh|Windows|CrOS|Linux)\b/;

/** Reads a user agent, whatever it is. It is what a caller claims, so it is for people to read, and nothing depends on it. */
export function deviceOf(userAgent = ''): Device {
  const found = BROWSERS.map(([name, pattern]) => ({ name, match: pattern.exec(userAgent) })).find(
    ({ match }) => match,
  );
  // The platform is in the first parentheses (RFC 9110 section 10.1.5). Android is a Linux there too.
  const [, platform = ''] = /\(([^()]*)\)/.exec(userAgent) ?? [];
  return {
    browserName: found?.name,
    browserVersion: found?.match?.groups?.version,
    type: /\bAndroid\b/.test(platform) ? 'Android' : TYPES.exec(platform)?.[0],
    isMobile: /\bMobi|\biPad\b|\bAndroid\b/.test(userAgent),
  };
}
