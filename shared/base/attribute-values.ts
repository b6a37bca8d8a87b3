/** The texts in a value of JSON at which a policy can look: a text, number or boolean, or those in a list. Anything else has none. */
export function attributeValues(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isText = (each: unknown) => typeof each === 'string' || typeof each === 'boolean' || typeof each === 'number';
  return list.filter(isText).map(String);
}
