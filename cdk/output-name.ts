import { pascalCase } from './pascal-case.ts';

/** Returns the name of the CloudFormation output that has the value of a function's variable: `USERS_TABLE` → `UsersTable`. */
export function outputNameOf(variable: string): string {
  return pascalCase(variable.toLowerCase());
}
