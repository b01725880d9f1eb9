/** Numbers as people read them. */
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const whole = (value: number): string => WHOLE.format(value);

/** `41.3%`, with more digits where it is little. */
export function percent(share: number): string {
  const points = 100 * share;
  return `${points > 0 && points < 0.1 ? points.toPrecision(1) : points.toFixed(1)}%`;
}

export function money(usd: number): string {
  if (usd === 0) return '$0';
  return usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
}
