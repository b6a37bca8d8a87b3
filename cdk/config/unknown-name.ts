/** Returns the number of characters that must change to turn `name` into a beginning of `known` (Levenshtein distance). */
function distanceToBeginning(name: string, known: string): number {
  // One row of the distance matrix at a time.
  let previous = Array.from({ length: known.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...name].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...known].entries()) {
      const [above = 0, diagonal = 0] = [previous[column + 1], previous[column]];
      current.push(Math.min(above + 1, (current[column] ?? 0) + 1, diagonal + (letter === other ? 0 : 1)));
    }
    previous = current;
  }
  // The minimum of the last row ignores the characters of `known` that follow.
  return Math.min(...previous);
}

/** Returns the known name that is most like `name`; undefined if more than a third of its characters differ. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((each) => ({ each, distance: distanceToBeginning(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ distance }) => distance <= name.length / 3)
    .sort((one, other) => one.distance - other.distance || one.each.length - other.each.length);
  return nearest?.each;
}

/** Returns the sentence that refuses an unknown name, with the known one that was probably meant. */
export function unknownNameSentence(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `the names are ${known.join(', ')}.` : `did you mean \`${nearest}\`?`;
  return `unknown name \`${name}\`: ${hint}`;
}
