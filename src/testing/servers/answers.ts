/** What the loopback server says: a distribution over texts, cut into tokens, drawn by the request's seed, scored exactly. */
import { seeded } from '../../core/index.ts';

/** Texts with their weights. */
export type ServerDistribution = { readonly [text: string]: number };

/** One answer given in full. */
export interface ServerAnswer {
  readonly content?: string | undefined;
  readonly reasoning?: string | undefined;
  /** Said in the place of `content`, as a server does that refuses to answer. */
  readonly refusal?: string | undefined;
  readonly toolCalls?: ReadonlyArray<{ readonly name: string; readonly arguments: string }> | undefined;
  /** The `finish_reason`. Default `stop`, or `tool_calls` where there are some. */
  readonly finish?: string | undefined;
}

/** Words and white space, so that texts share tokens and a cut text is still made of whole ones. */
export function tokensOf(text: string): string[] {
  return text.match(/\s?[^\s]+|\s/g) ?? [];
}

/** Weights raised to 1/T. At 0 the heaviest text is left, the first of equals. */
function temper(distribution: ServerDistribution, temperature: number): [string, number][] {
  const entries = Object.entries(distribution).filter(([, weight]) => weight > 0);
  if (temperature === 1) return entries;
  const top = Math.max(...entries.map(([, weight]) => weight));
  if (temperature === 0) return entries.filter(([, weight]) => weight === top).slice(0, 1);
  return entries.map(([text, weight]) => [text, (weight / top) ** (1 / temperature)]);
}

/** Draws a text that starts with `prefix`. The same key gives the same text. */
export function drawText(
  distribution: ServerDistribution,
  { key, temperature, prefix }: { readonly key: string; readonly temperature: number; readonly prefix: string },
): string {
  const kept = temper(
    Object.fromEntries(Object.entries(distribution).filter(([text]) => text.startsWith(prefix))),
    temperature,
  );
  if (kept.length === 0) return prefix;
  const index = seeded(key).categorical(kept.map(([, weight]) => weight));
  return (kept[index] as [string, number])[0];
}

/**
 * Log-probability of each token of `text` given those before it: the mass of the texts that go on with it. Their sum is
 * the log-probability of the whole text wherever no other text goes on from it.
 */
export function logprobsOf(
  distribution: ServerDistribution,
  text: string,
): { readonly token: string; readonly logprob: number }[] {
  const mass = (start: string): number =>
    Object.entries(distribution).reduce((sum, [other, weight]) => (other.startsWith(start) ? sum + weight : sum), 0);
  let before = '';
  return tokensOf(text).map((token) => {
    const above = mass(before);
    before += token;
    const share = above > 0 ? mass(before) / above : 0;
    // JSON knows no -Infinity: what is never said gets the number servers use for it.
    return { token, logprob: share > 0 ? Math.log(share) : -9999 };
  });
}

/** The longest end of `prompt` that some text starts with: what a completions prompt holds of the answer already. */
export function begunIn(distribution: ServerDistribution, prompt: string): string {
  const texts = Object.keys(distribution);
  for (
    let from = Math.max(0, prompt.length - Math.max(0, ...texts.map((text) => text.length)));
    from < prompt.length;
    from++
  ) {
    const end = prompt.slice(from);
    if (texts.some((text) => text.startsWith(end))) return end;
  }
  return '';
}

export type ServedAnswer = string | ServerDistribution | ServerAnswer;
