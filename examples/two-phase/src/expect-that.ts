/** A smoke run proves something, or fails. */
export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`smoke run: expected ${what}`);
  console.log(`✓ ${what}`);
}
