/** Joins the words of a name, each with a capital letter, as in logical ids: `create-actor-token` → `CreateActorToken`. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|[\W_])(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
