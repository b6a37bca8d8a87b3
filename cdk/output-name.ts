/** Returns the name of the CloudFormation output that has the value of a function's variable: `USERS_TABLE` → `UsersTable`. */
export function outputNameOf(variable: string): string {
  return variable.toLowerCase().replace(/(?:^|_)(.)/g, (_match, letter: string) => letter.toUpperCase());
}
