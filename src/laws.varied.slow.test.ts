/** A law that holds at the values of its tests holds at others, too: at values drawn at random, as a reader may set them. */
import { describe, expect, it } from 'vitest';
import { InvalidOption, seeded, type Choice } from './core/index.ts';
import { laws } from './laws.ts';
import { verify, type Variation } from './testing/laws/technique-law.ts';
import type { Parameter } from './testing/laws/parameters.ts';

const SEED = Number(process.env['PLUSX_SEED'] ?? 1);
/** How many settings of each law are tried, and the most paths of one: beyond, the setting is left out. */
const TRIES = 3;
const PATHS = 3000;

const upTo = (choice: Choice, most: number): number => choice.categorical(Array.from({ length: most + 1 }, () => 1));
const one = <T>(choice: Choice, of: readonly T[]): T => of[upTo(choice, of.length - 1)] as T;
const anew = (choice: Choice, weights: object): object =>
  Object.fromEntries(Object.keys(weights).map((name) => [name, upTo(choice, 5)]));

/** A value that a reader may set, right or wrong. */
function drawn(
  choice: Choice,
  { kind, min = 0, max, values, ...parameter }: Parameter<unknown>,
  now: unknown,
): unknown {
  switch (kind) {
    case 'integer':
      return min + upTo(choice, Math.min(max ?? 6, 6) - min);
    case 'number':
      return one(choice, [min, max ?? min + 3, now, Math.min(max ?? 9, min + 0.25), Math.min(max ?? 9, min + 0.7)]);
    case 'numbers':
      return Array.isArray(now) ? now.map(() => 1 + upTo(choice, 3)) : now;
    case 'flag':
      return upTo(choice, 1) === 1;
    case 'one-of':
      return one(choice, values ?? [now]);
    case 'table':
      return { ...anew(choice, now as object), another: upTo(choice, 3) };
    case 'weights':
      return anew(choice, now as object);
    case 'weights-after':
      return Object.fromEntries(
        Object.entries(now as object).map(([given, of]) => [given, anew(choice, of as object)]),
      );
    case 'scores':
      return Object.fromEntries(
        Object.keys(now as object)
          .filter(() => upTo(choice, 4) > 0)
          .map((name) => [name, one(choice, [0, 0.5, 1, 2, -1, Number.NaN])]),
      );
    default:
      return parameter.default;
  }
}

const families = laws.flatMap(({ technique, exact }) => {
  const first = new Map<Variation['parameters'], { readonly law: string; readonly variation: Variation }>();
  for (const { law, variation } of exact)
    if (variation && !first.has(variation.parameters)) first.set(variation.parameters, { law, variation });
  return [...first.values()].map((family) => ({ technique, ...family }));
});

describe('holds wherever its parameters stand', () => {
  it.each(families)('$technique: $law', { timeout: 600_000 }, async ({ law, variation }) => {
    let held = 0;
    for (let i = 0; i < TRIES; i++) {
      const choice = seeded(SEED).fork(`${law} ${i}`);
      const values = Object.fromEntries(
        Object.entries(variation.parameters).map(([name, parameter]) => [
          name,
          drawn(choice.fork(name), parameter, variation.values[name]),
        ]),
      );
      try {
        const verdict = await verify(variation.at(values), PATHS);
        expect([values, verdict.distance, verdict.kept]).toEqual([values, verdict.distance, true]);
        held++;
      } catch (error) {
        // A rule is broken, such as one between two options, or there are too many paths: both are said in words.
        if (!(error instanceof InvalidOption || (error instanceof RangeError && /paths/.test(error.message))))
          throw error;
      }
    }
    expect(held).toBeGreaterThan(0);
  });
});
