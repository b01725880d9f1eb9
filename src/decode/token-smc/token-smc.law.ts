/** The law of sequential Monte Carlo over tokens: each text that can be drawn, with the estimate of Z that comes with it. */
import { NO_USAGE, NoCandidates, plus, scorer, textOf, type Model, type Sampled } from '../../core/index.ts';
import { enumerableTokens, type EnumerableTokensOptions } from '../../models/written/index.ts';
import { add, type P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { scorerOf, upTo, weights } from '../../testing/laws/parameters.ts';
import { afterLast, opened, share, TWO_LETTERS, twoLetters, written } from '../shared/tokenwise.law.ts';
import { tokenSmc } from './token-smc.ts';

/** One letter at most, by its weights and not by a limit. */
const ONE: EnumerableTokensOptions = { ...TWO_LETTERS, name: 'one', next: afterLast([1, 2, 3], [0, 0, 1], [0, 0, 1]) };

// A potential that misleads: it likes beginnings that its whole texts do not live up to.
export const POTENTIALS: { readonly [text: string]: number } = { '': 2, a: 3, b: 0.5, aa: 1, ab: 0.25, ba: 4, bb: 1.5 };
const SWITCH: { readonly [text: string]: number } = { '': 1, a: 1, b: 0, aa: 0, ab: 1 };
const potential = (name: string, of: { readonly [text: string]: number }) =>
  scorer(name, ({ content }) => of[textOf(content)] ?? 0);
export const liking = potential('liking', POTENTIALS);

/** What a whole text is worth; a finished beginning is worth another thing than an unfinished one. */
const whole = scorer('whole', ({ content, finish }) =>
  finish.raw === 'unfinished' ? 1 : (POTENTIALS[textOf(content)] as number),
);

interface Line {
  readonly ids: readonly number[];
  readonly done: boolean;
  readonly weight: number;
  readonly value: number;
}
type Worth = (text: string, done: boolean) => number;
const worth: Worth = (text) => POTENTIALS[text] as number;

/** Every way that n weighted lines of tokens can go, resampled when too few of them count: text and estimate of Z. */
function particles(n: number, resample: number, of: Worth, { tokens, next, maxTokens } = TWO_LETTERS): P {
  const end = tokens.length;
  const write = (ids: readonly number[]): string => written(ids, tokens);
  /** The probabilities of what may follow; at the most tokens it is the end. */
  const after = (ids: readonly number[]): readonly number[] =>
    ids.length === maxTokens ? tokens.map(() => 0).concat(1) : share(next(ids, []));
  const out = new Map<string, number>();
  /** One of the ways to choose a thing for each of the lines, by their probabilities. */
  const each = <T>(
    choices: readonly (readonly (readonly [T, number])[])[],
    go: (chosen: readonly T[], p: number) => void,
    chosen: readonly T[] = [],
    p = 1,
  ): void => {
    const [first, ...rest] = choices;
    if (!first) return go(chosen, p);
    for (const [one, q] of first) if (q > 0) each(rest, go, [...chosen, one], p * q);
  };
  const isOpen = ({ done, weight }: Line): boolean => !done && weight > 0;
  const round = (lines: readonly Line[], probability: number): void => {
    if (!lines.some(isOpen)) {
      const sum = lines.reduce((total, { weight }) => total + weight, 0);
      if (sum === 0) return add(out, ` ${digits(0)}`, probability);
      for (const { ids, weight } of lines) add(out, `${write(ids)} ${digits(sum / n)}`, (probability * weight) / sum);
      return;
    }
    const moves = lines.map((line): (readonly [Line, number])[] =>
      isOpen(line)
        ? after(line.ids).map((p, token): [Line, number] => {
            const done = token === end;
            const ids = done ? line.ids : [...line.ids, token];
            const value = of(write(ids), done);
            return [{ ids, done, value, weight: (line.weight * value) / line.value }, p];
          })
        : [[line, 1]],
    );
    each(moves, (moved, p) => {
      const open = moved.filter(({ done }) => !done);
      const sum = open.reduce((total, { weight }) => total + weight, 0);
      const squares = open.reduce((total, { weight }) => total + weight ** 2, 0);
      if (sum === 0 || sum ** 2 >= resample * open.length * squares * (1 - 1e-12)) return round(moved, probability * p);
      const mean = sum / open.length;
      const anew = open.map((line): [Line, number] => [{ ...line, weight: mean }, line.weight / sum]);
      return each(
        moved.map((line) => (line.done ? [[line, 1] as const] : anew)),
        (drawn, q) => round(drawn, probability * p * q),
      );
    });
  };
  round(
    Array.from({ length: n }, () => ({ ids: [], done: false, weight: 1, value: 1 })),
    1,
  );
  return out;
}
const digits = (z: number): string => z.toPrecision(9);
const withZ = ({ samples: [sample] }: Sampled): string =>
  sample
    ? `${textOf(sample.content)} ${digits(Number(sample.providerMetadata?.['plusx']?.['normaliser']))}`
    : ` ${digits(0)}`;

/** No sample where the model has no candidate. */
const orNothing = (of: Model): Model => ({
  ...of,
  sample: (request, context) =>
    of.sample(request, context).catch((error: unknown) => {
      if (error instanceof NoCandidates) return { samples: [], usage: NO_USAGE, warnings: [] };
      throw error;
    }),
});

const longer = scorer('longer', ({ content }) => textOf(content).length);
const worthWhole: Worth = (text, done) => (done ? worth(text, done) : 1);

export const law: TechniqueLaw = {
  technique: 'tokenSmc',
  subjects: {
    'tokenSmc, one particle': opened(tokenSmc({ n: 1, potential: longer })),
    tokenSmc: opened(tokenSmc({ n: 3, potential: longer })),
  },
  exact: [
    ...varied(
      {
        n: upTo(3, tokenSmc.definition.options.n),
        resample: tokenSmc.definition.options.resample,
        potentials: weights(POTENTIALS, 'the potential of each beginning'),
      },
      ({ n, resample, potentials }) =>
        holds(
          `n=${n} resample=${resample}: text and Z`,
          orNothing(plus(twoLetters, tokenSmc({ n, potential: scorerOf(potentials, 'liking'), resample }))),
          () => particles(n, resample, (text) => potentials[text] ?? 0),
          { outcome: withZ },
        ),
      [0, 0.9, 1].map((resample) => ({ n: 2, resample })),
    ),
    holds(
      'n=1: the base, and Z of its text',
      plus(twoLetters, tokenSmc({ n: 1, potential: liking })),
      () => particles(1, 0.5, worth),
      { outcome: withZ },
    ),
    holds(
      'n=2: a potential of whole texts only is importance sampling',
      plus(twoLetters, tokenSmc({ n: 2, potential: whole })),
      () => particles(2, 0.5, worthWhole),
      { outcome: withZ },
    ),
    // Three, so that two may be drawn anew beside one that is finished.
    holds(
      'n=3: what is finished keeps its weight',
      plus(enumerableTokens(ONE), tokenSmc({ n: 3, potential: liking, resample: 1 })),
      () => particles(3, 1, worth, ONE),
      { outcome: withZ },
    ),
    ...[0.5, 1].map((resample) =>
      holds(
        `n=2 resample=${resample}: beginnings ruled out`,
        orNothing(plus(twoLetters, tokenSmc({ n: 2, potential: potential('switch', SWITCH), resample }))),
        () => particles(2, resample, (text) => SWITCH[text] ?? 0),
        { outcome: withZ },
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'weights are not reset when particles are resampled',
    file: 'decode/token-smc/token-smc.ts',
    from: 'as Weighed), weight: mean }',
    to: 'as Weighed) }',
  },
  {
    bug: 'finished particles are resampled like the others',
    file: 'decode/token-smc/token-smc.ts',
    from: '    if (one.finish) return one;\n    return',
    to: '    return',
  },
  {
    bug: 'the potential of a beginning is counted again with every token',
    file: 'decode/token-smc/token-smc.ts',
    from: 'weight: one.weight + own - one.phi',
    to: 'weight: one.weight + own',
  },
  {
    bug: 'all particles are resampled at one address',
    file: 'decode/token-smc/token-smc.ts',
    from: '`resample/${step}/${i}`',
    to: '`resample/${step}/0`',
  },
];
