/** Suggestions for misspelt names. */
import { InvalidOption } from '../errors.ts';

/** The name closest to a misspelt one, if one is close. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names.map((candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.candidate.length / 2)) ? best.candidate : undefined;
}

/** Refuses a name that is none of those known, and says which is meant: a misspelt option would be none at all. */
export function checkNames(where: string, given: object, names: readonly string[], kind = 'option'): void {
  for (const option of Object.keys(given)) {
    if (names.includes(option)) continue;
    const near = nearest(option, names);
    throw new InvalidOption({
      where,
      option: JSON.stringify(option),
      rule: `is no ${kind}`,
      hint: `${near ? `Did you mean \`${near}\`? ` : ''}It has: ${names.join(', ') || 'none'}`,
    });
  }
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row[b.length] as number;
}
