/** Numbers and names as the page writes them. */

/** A distance, unrounded as far as it matters: `0`, `2.2e-16`, `0.0602`. */
export function distanceText(distance: number): string {
  if (distance === 0) return '0';
  return distance < 1e-4 ? distance.toExponential(1) : distance.toPrecision(3);
}

export function shareText(share: number): string {
  if (share === 0) return '0';
  return share < 1e-4 ? share.toExponential(1) : share.toFixed(4);
}

export function callsText(calls: number): string {
  const rounded = Number(calls.toPrecision(4));
  return `${rounded} ${rounded === 1 ? 'call' : 'calls'} an answer`;
}

/** A text on one line, with what cannot be seen. */
export function visible(text: string): string {
  return text === '' ? '(empty)' : text.replaceAll('\n', '⏎');
}

/** Rooms as headings. */
export const ROOMS: { readonly [room: string]: string } = {
  search: 'Search',
  iterate: 'Iterate',
  remember: 'Remember',
  tools: 'Tools',
  rephrase: 'Rephrase',
  decompose: 'Decompose',
  decode: 'Decode',
  recipes: 'Recipes',
};
