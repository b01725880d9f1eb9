/** A line of what was measured. */
export interface Row {
  readonly what: string;
  readonly value: string;
  readonly goal?: string | undefined;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The median, and the worst where there are several. */
export const ms = (times: readonly number[]): string =>
  `${median(times).toFixed(0)} ms${times.length > 1 ? ` (at worst ${Math.max(...times).toFixed(0)})` : ''}`;
