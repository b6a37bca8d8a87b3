/** Returns the value of a variable of the functions. @throws Error when the stack does not set it */
export function functionVariable(environment: Readonly<Record<string, string>>, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`The stack does not give its functions the variable ${name}.`);
  return value;
}
