/** Laws of decode. */
import {
  NO_USAGE,
  NoCandidates,
  plus,
  scorer,
  textOf,
  type Model,
  type Sampled,
  type Transform,
} from '../../src/core/index.ts';
import {
  classifierFreeGuidance,
  constrained,
  contrastiveDecoding,
  minP,
  powerSampling,
  speculative,
  temperature,
  tokenSmc,
  topK,
  topNSigma,
  topP,
} from '../../src/decode/index.ts';
import { enumerableTokens } from '../../src/models/written/enumerable-tokens.ts';
import { add, type ExactLaw, type LawSet, type P, type Subject } from './form.ts';

const TOKENS = ['a', 'b'];
const END = TOKENS.length;
const MAX = 2;
type Next = (prefix: readonly number[]) => readonly number[];
const byLast =
  (...rows: readonly (readonly number[])[]): Next =>
  (prefix) =>
    rows[prefix.length === 0 ? 0 : (prefix.at(-1) as number) + 1] as readonly number[];
const NEXT = byLast([1, 2, 3], [4, 1, 1], [1, 1, 5]);
const OTHER = byLast([3, 1, 1], [1, 2, 1], [1, 2, 0.5]);
const ONE: Next = (prefix) => (prefix.length === 0 ? [1, 2, 3] : [0, 0, 1]);
const model = (name: string, next: Next): Model => enumerableTokens({ name, tokens: TOKENS, next, maxTokens: MAX });
const base = model('base', NEXT);
const other = model('other', OTHER);

const share = (weights: readonly number[]): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};
const write = (prefix: readonly number[]): string => prefix.map((token) => TOKENS[token]).join('');
/** The probabilities of what may follow; at the most tokens it is the end. */
const after = (prefix: readonly number[], next: Next = NEXT): number[] =>
  prefix.length === MAX ? [0, 0, 1] : share(next(prefix));

/** All texts, each with the product of what `step` makes of the probabilities. */
function tokenwise(step: (p: number[], prefix: readonly number[]) => readonly number[]): P {
  const out = new Map<string, number>();
  const visit = (prefix: readonly number[], probability: number): void =>
    share(step(after(prefix), prefix)).forEach((p, token) => {
      if (p === 0) return;
      if (token === END) add(out, write(prefix), p * probability);
      else visit([...prefix, token], p * probability);
    });
  visit([], 1);
  return out;
}

// A potential that misleads: it likes beginnings that its whole texts do not live up to.
const POTENTIALS: { readonly [text: string]: number } = { '': 2, a: 3, b: 0.5, aa: 1, ab: 0.25, ba: 4, bb: 1.5 };
const SWITCH: { readonly [text: string]: number } = { '': 1, a: 1, b: 0, aa: 0, ab: 1 };
const potential = (name: string, of: { readonly [text: string]: number }) =>
  scorer(name, ({ content }) => of[textOf(content)] ?? 0);
const liking = potential('liking', POTENTIALS);

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
function particles(n: number, resample: number, of: Worth, next?: Next): P {
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
        ? after(line.ids, next).map((p, token): [Line, number] => {
            const done = token === END;
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

const steered = (law: string, transform: Transform, expected: () => P): ExactLaw => ({
  technique: 'tokenSmc',
  law,
  model: plus(base, transform),
  expected,
  outcome: withZ,
  holds: true,
});
const holds = (technique: string, law: string, transform: Transform, expected: ExactLaw['expected']): ExactLaw => ({
  technique,
  law,
  model: plus(base, transform),
  expected,
  holds: true,
});

const opened = (transform: Transform): Subject => ({ transform, next: true });
const longer = scorer('longer', ({ content }) => textOf(content).length);

export const decode: LawSet = {
  subjects: {
    'tokenSmc, one particle': opened(tokenSmc({ n: 1, potential: longer })),
    tokenSmc: opened(tokenSmc({ n: 3, potential: longer })),
    constrained: opened(constrained({ choices: '4|22' })),
    'constrained to a regular expression': opened(constrained({ regex: '[25]{1,2}' })),
    'constrained to JSON': opened(constrained({ json: '{"enum":[5,22]}' })),
    temperature: opened(temperature({ t: 0.5 })),
    topK: opened(topK({ k: 2 })),
    topP: opened(topP({ p: 0.6 })),
    minP: opened(minP({ p: 0.5 })),
    topNSigma: opened(topNSigma({ n: 1 })),
    contrastiveDecoding: opened((probe) =>
      contrastiveDecoding({ amateur: temperature({ t: 2 })(probe), plausible: 0 })(probe),
    ),
    classifierFreeGuidance: opened(classifierFreeGuidance({ scale: 1.5, without: 'Anything' })),
    speculative: opened((probe) => speculative({ draft: temperature({ t: 2 })(probe), ahead: 2 })(probe)),
    powerSampling: powerSampling({ alpha: 3, steps: 3 }),
  },
  exact: [
    ...[0, 0.9, 1].map((resample) =>
      steered(`n=2 resample=${resample}: text and Z`, tokenSmc({ n: 2, potential: liking, resample }), () =>
        particles(2, resample, worth),
      ),
    ),
    steered('n=1: the base, and Z of its text', tokenSmc({ n: 1, potential: liking }), () => particles(1, 0.5, worth)),
    steered('n=2: a potential of whole texts only is importance sampling', tokenSmc({ n: 2, potential: whole }), () =>
      particles(2, 0.5, (text, done) => (done ? worth(text, done) : 1)),
    ),
    {
      // Three, so that two may be drawn anew beside one that is finished.
      ...steered('n=3: what is finished keeps its weight', tokenSmc({ n: 3, potential: liking, resample: 1 }), () =>
        particles(3, 1, worth, ONE),
      ),
      model: plus(model('one', ONE), tokenSmc({ n: 3, potential: liking, resample: 1 })),
    },
    ...[0.5, 1].map((resample): ExactLaw => {
      const transform = tokenSmc({ n: 2, potential: potential('switch', SWITCH), resample });
      const law = steered(`n=2 resample=${resample}: beginnings ruled out`, transform, () =>
        particles(2, resample, (text) => SWITCH[text] ?? 0),
      );
      return { ...law, model: orNothing(law.model) };
    }),
    holds('speculative', 'ahead=2: P', speculative({ draft: other, ahead: 2 }), () => tokenwise((p) => p)),
    holds(
      'contrastiveDecoding',
      'prod p / a over the plausible',
      contrastiveDecoding({ amateur: other, plausible: 0.3 }),
      () =>
        tokenwise((p, prefix) =>
          p.map((x, v) => (x >= 0.3 * Math.max(...p) ? x / Math.max(1e-12, after(prefix, OTHER)[v] as number) : 0)),
        ),
    ),
    holds('temperature', 't=0.5: prod p^2', temperature({ t: 0.5 }), () => tokenwise((p) => p.map((x) => x ** 2))),
    ...[
      ['ab?|bb', ['a', 'ab', 'bb']],
      // No token writes c, so b is the way to no text at all.
      ['a(c|b)|bc+', ['ab']],
    ].map(([regex, set]) =>
      holds(
        'constrained',
        `/${String(regex)}/: prod p over what leads to an end`,
        constrained({ regex: String(regex) }),
        () =>
          tokenwise((p, prefix) =>
            p.map((x, v) => {
              const text = write(prefix);
              const texts = set as readonly string[];
              const fits = v === END ? texts.includes(text) : texts.some((one) => one.startsWith(text + TOKENS[v]));
              return fits ? x : 0;
            }),
          ),
      ),
    ),
    holds('minP', 'p=0.5', minP({ p: 0.5 }), () =>
      tokenwise((p) => p.map((x) => (x >= 0.5 * Math.max(...p) - 1e-12 ? x : 0))),
    ),
  ],
  mutants: [
    {
      bug: 'weights are not reset when particles are resampled',
      file: 'decode/token-smc/particles.ts',
      from: 'as Weighed), weight: mean }',
      to: 'as Weighed) }',
    },
    {
      bug: 'finished particles are resampled like the others',
      file: 'decode/token-smc/particles.ts',
      from: '    if (one.finish) return one;\n    return',
      to: '    return',
    },
    {
      bug: 'the potential of a beginning is counted again with every token',
      file: 'decode/token-smc/particles.ts',
      from: 'weight: one.weight + own - one.phi',
      to: 'weight: one.weight + own',
    },
    {
      bug: 'a text may end before it is whole',
      file: 'decode/constrained/constrained.ts',
      from: 'if (at.whole) kept[end]',
      to: 'kept[end]',
    },
    {
      bug: 'a token is kept although it leads to no end',
      file: 'decode/constrained/constrained.ts',
      from: 'ahead.reach(to, push(token)) < left',
      to: 'ahead.reach(to, push(token)) <= Infinity',
    },
    {
      bug: 'a draft is kept as if it were the base',
      file: 'decode/speculative/speculative.ts',
      from: 'categorical([1 - keep, keep])',
      to: 'categorical([(1 - keep) / 2, (1 + keep) / 2])',
    },
  ],
};
