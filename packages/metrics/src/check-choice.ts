/** Refuses an option value that a plain JavaScript caller may have misspelt. */
export function checkChoice(speaker: string, name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  const list = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new RangeError(`${speaker}: expected ${name} to be ${list}, got ${JSON.stringify(value)}.`);
}
