/** The saved query for the last use of each secret key. */
export const LAST_USE_QUERY = 'last use of each secret key';

/** The whole name of a saved query. Logs Insights shows it in a folder with the name of the instance. */
export function savedQueryName(namePrefix: string, name: string): string {
  return `${namePrefix}/${name}`;
}
