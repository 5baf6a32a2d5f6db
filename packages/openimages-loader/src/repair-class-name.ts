/** A display name without the stray quotes and blanks that a careless split on commas leaves. For people's eyes only. */
export function repairClassName(name: string): string {
  const trimmed = name.trim();
  const wrapped = /^"(.*)"$/s.exec(trimmed);
  if (wrapped) return wrapped[1]!.replaceAll('""', '"').trim();
  // One half of a name that was cut in two.
  const quotes = trimmed.split('"').length - 1;
  return (quotes % 2 === 1 ? trimmed.replace(/^"|"$/, "") : trimmed).trim();
}
