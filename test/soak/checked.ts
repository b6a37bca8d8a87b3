/** A rule with the number of cases in which it was checked, and a sentence for each case in which it does not hold. */
export interface Checked {
  readonly rule: string;
  readonly cases: number;
  readonly violations: readonly string[];
}

/** Checks each case; `whatIsWrong` returns a sentence for a violation, and undefined otherwise. */
export function checked<Case>(
  rule: string,
  cases: readonly Case[],
  whatIsWrong: (each: Case) => string | undefined,
): Checked {
  return { rule, cases: cases.length, violations: cases.flatMap((each) => whatIsWrong(each) ?? []) };
}
