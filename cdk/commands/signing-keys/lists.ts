/** The lists of a rotation, as the configuration file has them: numbers of keys. The first key signs, all verify. */

export type KeyNumbers = readonly [number, ...number[]];

/** `one`: no rotation. `published`: a newer key verifies, behind the one that signs. `signing`: the newest key signs. */
type Phase = 'one' | 'published' | 'signing';

export type Step = 'publish' | 'sign' | 'retire' | 'replace';

/** Returns the newest key: numbers only ever grow. */
export function newestOf(numbers: KeyNumbers): number {
  return Math.max(...numbers);
}

export function phaseOf(numbers: KeyNumbers): Phase {
  if (numbers.length === 1) return 'one';
  return numbers[0] === newestOf(numbers) ? 'signing' : 'published';
}

/** The list that each step makes of another one. */
export const afterStep: Readonly<Record<Step, (numbers: KeyNumbers) => KeyNumbers>> = {
  publish: (numbers) => [...numbers, newestOf(numbers) + 1],
  sign: (numbers) => [newestOf(numbers), ...numbers.filter((number) => number !== newestOf(numbers))],
  retire: ([signing]) => [signing],
  replace: (numbers) => [newestOf(numbers) + 1],
};

/** The step that each phase waits for. */
export const nextStep = { one: 'publish', published: 'sign', signing: 'retire' } as const satisfies Record<Phase, Step>;

export function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((number, index) => number === other[index]);
}

/** Formats a list as the configuration file has it. */
export function formatList(numbers: readonly number[]): string {
  return `[${numbers.join(', ')}]`;
}
