/** Numbers as people read them. */
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const whole = (value: number): string => WHOLE.format(value);

/** `41.3%`, with more digits where it is little. */
export function percent(share: number): string {
  const points = 100 * share;
  return `${points > 0 && points < 0.1 ? points.toPrecision(1) : points.toFixed(1)}%`;
}

/** `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function time(seconds: number): string {
  const all = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  if (hours > 0) return `${whole(hours)} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

export function money(usd: number): string {
  if (usd === 0) return '$0';
  return usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
}
