/** The name of the saved query for the last use of each secret key. Logs Insights shows it in a folder with the name of the stack. */
export function lastUseQueryName(stackName: string): string {
  return `${stackName}/last use of each secret key`;
}
