/** Laws of tree search: everything that grows an answer step by step. */
import { judge, plus, questionOf, scorer, textOf, type Model, type Transform } from '../../src/core/index.ts';
import { enumerableTokens } from '../../src/models/written/enumerable-tokens.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import { reRead } from '../../src/rephrase/index.ts';
import {
  abMcts,
  beamSearch,
  bestOfN,
  mcts,
  particleFilter,
  softBestOfN,
  treeOfThoughts,
} from '../../src/search/index.ts';
import { exact } from '../../src/testing/laws/exact.ts';
import { add, finite, normal, type ExactLaw, type LawSet, type P } from './form.ts';
import { game, MUTTERING, THOUGHT_LAWS } from './thoughts.ts';
import { TREE_MUTANTS } from './trees-mutants.ts';

const size = scorer('size', ({ content }) => textOf(content).length % 7);
const stepped = (transform: Transform) => ({ transform, continueFrom: true });

// Answers of one to three lines with beginnings in common, and a score of every beginning.
const LINES: Distribution = { 'a\nx': 3, 'a\ny\nz': 2, 'b\nx': 1.5, b: 1 };
const SCORES: { readonly [text: string]: number } = {
  'a\n': 0.6,
  'b\n': 0.9,
  b: 0.3,
  'a\nx': 0.4,
  'a\ny\n': 0.2,
  'a\ny\nz': 1,
  'b\nx': 0.5,
  'a\nv': 0.7,
  'a\nw': 0.1,
  'b\nv': 0.8,
};
// More answers of two lines, so that where a search goes matters for longer.
const BUSHY: Distribution = { 'a\nx': 3, 'a\nv': 2, 'a\nw': 1, 'b\nx': 2, 'b\nv': 1.5 };
const value = (text: string): number => SCORES[text] ?? Number.NaN;
const score = scorer('score', ({ content }) => value(textOf(content)));
const lines = finite(LINES, 'lines');

/** A text written so far, the whole it was cut from, what it scores. */
interface Begun {
  readonly text: string;
  readonly whole: string;
  readonly value: number;
}
const START: Begun = { text: '', whole: '', value: Number.NaN };
const isWhole = ({ text, whole }: Begun): boolean => text !== '' && text === whole;

/** One more line of a text: every way, with its probability. */
function further(p: P, { text }: Begun): (readonly [Begun, number])[] {
  const fitting = [...p].filter(([whole]) => whole.startsWith(text));
  const total = fitting.reduce((sum, [, q]) => sum + q, 0);
  return fitting.map(([whole, q]) => {
    const written = whole.split('\n').length;
    const taken = text.split('\n').length;
    const next = taken < written ? `${whole.split('\n').slice(0, taken).join('\n')}\n` : whole;
    return [{ text: next, whole, value: value(next) }, q / total] as const;
  });
}

/** Every list of independent draws, one from each of the given distributions. */
function product<T>(each: ReadonlyArray<ReadonlyArray<readonly [T, number]>>): (readonly [readonly T[], number])[] {
  return each.reduce<(readonly [readonly T[], number])[]>(
    (all, options) => all.flatMap(([list, p]) => options.map(([one, q]) => [[...list, one], p * q] as const)),
    [[[], 1]],
  );
}

/** The best beginning of a beam, with its probability. */
function beam(p: P, beams: number, width: number, steps: number): (readonly [Begun, number])[] {
  const out: (readonly [Begun, number])[] = [];
  const visit = (kept: readonly Begun[], step: number, probability: number): void => {
    if (step > steps || (step > 1 && kept.every(isWhole))) return void out.push([kept[0] as Begun, probability]);
    const live = kept.filter((one) => !isWhole(one));
    const draws = live.flatMap((one) =>
      Array.from({ length: step === 1 ? beams * width : width }, () => further(p, one)),
    );
    for (const [drawn, q] of product(draws)) {
      const all = [...kept.filter(isWhole), ...drawn];
      const order = all.map((_, i) => i).toSorted((i, j) => (all[j] as Begun).value - (all[i] as Begun).value || i - j);
      visit(
        order.slice(0, beams).map((i) => all[i] as Begun),
        step + 1,
        probability * q,
      );
    }
  };
  visit([START], 1, 1);
  return out;
}

const answers = (found: ReadonlyArray<readonly [Begun, number]>): P => {
  const out = new Map<string, number>();
  for (const [{ whole }, p] of found) add(out, whole, p);
  return out;
};

/** The best of independent searches that keep one beginning each; the first of equals. */
function diverse(p: P, trees: number, width: number, steps: number): P {
  const one = beam(p, 1, width, steps);
  return answers(
    product(Array.from({ length: trees }, () => one)).map(([found, q]) => [
      found.reduce((best, next) => (next.value > best.value ? next : best)),
      q,
    ]),
  );
}

/** A tree search whose nodes keep the rewards of all answers that begin as they do. */
function uct(p: P, n: number, width: number, exploration: number): P {
  interface Kept {
    readonly begun: Begun;
    readonly answers: readonly string[];
    readonly children: readonly Kept[];
  }
  const out = new Map<string, number>();
  const visit = (root: Kept, written: readonly string[], probability: number): void => {
    const rewards = written.map(value);
    const [low, high] = [Math.min(...rewards), Math.max(...rewards)];
    const reward = (y: string): number => (high > low ? (value(y) - low) / (high - low) : 0.5);
    const path = (node: Kept): readonly number[] | undefined => {
      if (isWhole(node.begun)) return undefined;
      if (node.children.length < width) return [];
      const bound = ({ answers }: Kept): number =>
        answers.reduce((sum, y) => sum + reward(y), 0) / answers.length +
        exploration * Math.sqrt(Math.log(node.answers.length) / answers.length);
      const order = node.children.map((_, i) => i);
      order.sort((i, j) => bound(node.children[j] as Kept) - bound(node.children[i] as Kept) || i - j);
      for (const i of order) {
        const rest = path(node.children[i] as Kept);
        if (rest) return [i, ...rest];
      }
      return undefined;
    };
    const way = written.length < n ? path(root) : undefined;
    if (!way) {
      const best = written.reduce((top, y) => (value(y) > value(top) ? y : top));
      add(out, best, probability);
      return;
    }
    const grown = (node: Kept, [i, ...rest]: readonly number[], child: Begun): Kept => ({
      ...node,
      answers: [...node.answers, child.whole],
      children:
        i === undefined
          ? [...node.children, { begun: child, answers: [child.whole], children: [] }]
          : node.children.map((one, at) => (at === i ? grown(one, rest, child) : one)),
    });
    const at = way.reduce((node, i) => node.children[i] as Kept, root).begun;
    for (const [child, q] of further(p, at)) visit(grown(root, way, child), [...written, child.whole], probability * q);
  };
  visit({ begun: START, answers: [], children: [] }, [], 1);
  return out;
}

// A writer that answers and revises. What is great counts as much as what is good to the search, and is kept before it.
const FRESH: Distribution = { bad: 4, good: 2 };
const REVISED: { readonly [answer: string]: Distribution } = {
  bad: { bad: 1, good: 2 },
  good: { bad: 1, great: 1 },
  great: { great: 1 },
};
const grade = (y: string): number => (y === 'great' ? 2 : Number(y === 'good'));
const verdict = (y: string): number => Math.min(1, grade(y));
const verifier = scorer('verifier', ({ content }) => grade(textOf(content)));
const reviser = enumerable({
  name: 'reviser',
  answers: (prompt) => {
    const last = prompt.findLast(({ role }) => role === 'assistant');
    return last && questionOf(prompt) !== 'question' ? (REVISED[textOf(last.content)] ?? { lost: 1 }) : FRESH;
  },
});

/** P(X > Y) for X ~ Beta(1 + w, 1 + l) and Y ~ Beta(1 + v, 1 + m), wins and losses being whole numbers. (Miller, 2015) */
function beats([w, l]: readonly [number, number], [v, m]: readonly [number, number]): number {
  const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
  const beta = (a: number, b: number): number => (factorial(a - 1) * factorial(b - 1)) / factorial(a + b - 1);
  return Array.from({ length: w + 1 }, (_, i) => i).reduce(
    (sum, i) => sum + beta(1 + v + i, 2 + l + m) / ((1 + l + i) * beta(1 + i, 1 + l) * beta(1 + v, 1 + m)),
    0,
  );
}
const record = (ys: readonly string[]): readonly [number, number] => {
  const wins = ys.reduce((sum, y) => sum + verdict(y), 0);
  return [wins, ys.length - wins];
};

/** Wider or deeper for three answers at most, one case after another. */
function branching(n: 1 | 2 | 3): P {
  const out = new Map<string, number>();
  const keep = (p: number, ...ys: readonly string[]): void =>
    add(
      out,
      ys.reduce((top, y) => (grade(y) > grade(top) ? y : top)),
      p,
    );
  const fresh = [...normal(FRESH)];
  const revised = (y: string): (readonly [string, number])[] => [...normal(REVISED[y] ?? { lost: 1 })];
  for (const [first, p] of fresh) {
    if (n === 1) {
      keep(p, first);
      continue;
    }
    const wider = beats(record([first]), [0, 0]);
    for (const [second, q] of fresh) {
      if (n === 2) keep(p * wider * q, first, second);
      else {
        const again = beats(record([first, second]), [0, 0]);
        const to = beats(record([first]), record([second]));
        for (const [third, r] of fresh) keep(p * wider * q * again * r, first, second, third);
        for (const [third, r] of revised(first)) keep(p * wider * q * (1 - again) * to * r, first, second, third);
        for (const [third, r] of revised(second))
          keep(p * wider * q * (1 - again) * (1 - to) * r, first, second, third);
      }
    }
    for (const [second, q] of revised(first)) {
      if (n === 2) keep(p * (1 - wider) * q, first, second);
      else {
        // At the root the revision speaks for going deeper; at the first answer it speaks for revising that once more.
        const again = beats(record([first]), record([second]));
        const wide = beats(record([second]), [0, 0]);
        for (const [third, r] of fresh) keep(p * (1 - wider) * q * again * r, first, third, second);
        for (const [third, r] of revised(first))
          keep(p * (1 - wider) * q * (1 - again) * wide * r, first, second, third);
        for (const [third, r] of revised(second))
          keep(p * (1 - wider) * q * (1 - again) * (1 - wide) * r, first, second, third);
      }
    }
  }
  return out;
}

// The same for tokens, each a step of its own: two tokens and an end, whose weights depend on the text before.
const TOKENS = ['u\n', 'v\n'];
const nextWeights = (prefix: readonly number[]): number[] => [
  2 + prefix.length,
  1 + (prefix[0] ?? 1) * 2,
  0.5 + prefix.length,
];
const tokens = enumerableTokens({ tokens: TOKENS, next: nextWeights, maxTokens: 2 });
const tilt = (text: string): number =>
  0.3 + Array.from(text).filter((c) => c === 'v').length * 0.8 + (text.startsWith('u') ? 0.4 : 0);
const tilting = scorer('tilting', ({ content }) => tilt(textOf(content)));

/** A beam of one over tokens: `width` draws of the next token or the end, the best-scored goes on; the first of equals. */
function greedy(width: number): P {
  const out = new Map<string, number>();
  const visit = (ids: readonly number[], probability: number): void => {
    const textOfIds = (all: readonly number[]): string => all.map((id) => TOKENS[id]).join('');
    if (ids.length === 2) return add(out, textOfIds(ids), probability);
    const weights = nextWeights(ids);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const next = weights.map((weight, id) => [id, weight / total] as const);
    for (const [drawn, q] of product(Array.from({ length: width }, () => next))) {
      const texts = drawn.map((id) => textOfIds(id === TOKENS.length ? ids : [...ids, id]));
      const won = texts.map(tilt).indexOf(Math.max(...texts.map(tilt)));
      if (drawn[won] === TOKENS.length) add(out, texts[won] as string, probability * q);
      else visit([...ids, drawn[won] as number], probability * q);
    }
  };
  visit([], 1);
  return out;
}

/**
 * A model whose answer y has the probability E[weight; y] / bound of another one's samples, and REST what is left: so that
 * a law sees how the weights are, and not only which answers come out.
 */
function weighted(model: Model, bound: number): Model {
  const found = exact(model, 'question', {
    outcome: ({ samples: [sample] }) => JSON.stringify([textOf(sample?.content ?? ''), sample?.weight]),
  });
  const inner: Model = {
    ...model,
    async sample(_request, context) {
      const masses = new Map<string, number>();
      for (const [outcome, p] of await found) {
        const [text, weight] = JSON.parse(outcome) as [string, number];
        add(masses, text, (p * weight) / bound);
      }
      add(masses, REST, 1 - [...masses.values()].reduce((sum, p) => sum + p, 0));
      const texts = [...masses.keys()];
      const text = texts[context.choice.categorical([...masses.values()])] as string;
      return plus(finite({ [text]: 1 })).sample({ prompt: [{ role: 'user', content: [] }] }, context);
    },
  };
  return inner;
}

const REST = '(rest)';

/** P(y) ψ(y) / bound, and what is left. */
function properly(p: P, psi: (text: string) => number, bound: number): P {
  const out = new Map([...p].map(([y, q]) => [y, (q * psi(y)) / bound]));
  return out.set(REST, 1 - [...out.values()].reduce((sum, q) => sum + q, 0));
}

const law = (technique: string, text: string, model: Model, expected: ExactLaw['expected']): ExactLaw => ({
  technique,
  law: text,
  model,
  expected,
  holds: true,
});

const BEAMS = (
  [
    { beams: 1, width: 1, steps: 1 },
    { beams: 1, width: 2, steps: 3 },
    { beams: 2, width: 1, steps: 2 },
    { beams: 2, width: 2, steps: 1 },
    // A step alone has the law of a step that is cut from a whole answer.
    { beams: 1, width: 1, steps: 1, draw: 'step' },
    { beams: 1, width: 2, steps: 2, draw: 'step' },
    { beams: 2, width: 1, steps: 2, draw: 'step' },
    { beams: 1, width: 2, steps: 3, draw: 'step' },
  ] as const
).map((options) => {
  const { beams, width, steps } = options;
  return law(
    'beamSearch',
    `${'draw' in options ? 'draw="step" ' : ''}beams=${beams} width=${width} steps=${steps}`,
    plus(lines, beamSearch({ ...options, score })),
    () => answers(beam(normal(LINES), beams, width, steps)),
  );
});

const WEIGHTS = [
  { n: 1 },
  { n: 2 },
  { n: 2, threshold: 1 },
  { n: 2, threshold: 1, resampling: 'multinomial' },
  { n: 2, threshold: 0 },
  { n: 2, threshold: 1, potential: 'score' },
  { n: 2, threshold: 1, steps: 2 },
  { n: 2, threshold: 1, temperature: 0.4 },
  { n: 2, threshold: 1, draw: 'step' },
] as const;
const psiOf =
  (score: (text: string) => number, options: (typeof WEIGHTS)[number]) =>
  (y: string): number =>
    'potential' in options ? score(y) : Math.exp(score(y) / ('temperature' in options ? options.temperature : 1));

const FILTERS: ExactLaw[] = [
  ...WEIGHTS.map((options) =>
    law(
      'particleFilter',
      `E[weight; y] = P(y) psi(y), ${JSON.stringify(options).replaceAll('"', '')}`,
      weighted(plus(lines, particleFilter({ score, ...options })), 20),
      () => properly(normal(LINES), psiOf(value, options), 20),
    ),
  ),
  ...[WEIGHTS[2], WEIGHTS[3]].map((options) =>
    law(
      'particleFilter',
      `E[weight; y] = P(y) psi(y), tokens, ${JSON.stringify(options).replaceAll('"', '')}`,
      weighted(plus(tokens, particleFilter({ score: tilting, ...options })), 20),
      async () => properly(await exact(tokens), psiOf(tilt, options), 20),
    ),
  ),
];

const EQUAL = (technique: string, text: string, model: Model, other: Model): ExactLaw =>
  law(technique, text, model, () => exact(other));
const oneLine = finite({ b: 3, 'a\nx': 2, 'b\nx': 1 }, 'one');

export const trees: LawSet = {
  subjects: {
    beamSearch: stepped(beamSearch({ beams: 2, width: 2, steps: 3, score: size })),
    'beamSearch, diverse': stepped(beamSearch({ beams: 2, width: 2, steps: 2, score: size, variant: 'dvts' })),
    'beamSearch by prompt, with a judge': (base) =>
      beamSearch({ beams: 1, width: 2, steps: 2, score: judge(base), by: 'prompt', separator: '2' })(base),
    'beamSearch, a step a draw': stepped(beamSearch({ beams: 2, width: 2, steps: 2, score: size, draw: 'step' })),
    particleFilter: stepped(particleFilter({ n: 3, steps: 3, score: size })),
    'particleFilter, a step a draw': stepped(particleFilter({ n: 3, steps: 3, score: size, draw: 'step' })),
    'particleFilter, multinomial at every step': stepped(
      particleFilter({ n: 3, steps: 3, score: size, threshold: 1, resampling: 'multinomial', potential: 'score' }),
    ),
    mcts: stepped(mcts({ n: 5, width: 2, score: size })),
    'mcts, three at once': stepped(mcts({ n: 6, width: 2, parallel: 3, score: size })),
    'mcts by prompt': mcts({ n: 3, width: 1, score: size, by: 'prompt', separator: '2' }),
    abMcts: abMcts({ n: 4, score: size, scale: 7 }),
    'abMcts of two models, three at once': (base) =>
      abMcts({ n: 6, score: judge(base), scale: 10, parallel: 3, models: [reRead()(base)] })(base),
    treeOfThoughts: { transform: treeOfThoughts({ depth: 2, breadth: 2, votes: 2 }), answers: MUTTERING },
    'treeOfThoughts, sampled and voted on': {
      transform: treeOfThoughts({ depth: 2, breadth: 2, thoughts: 'sample', proposals: 2, values: 'vote' }),
      answers: MUTTERING,
    },
    'treeOfThoughts, depth first': {
      transform: treeOfThoughts({ search: 'dfs', depth: 2, votes: 1, threshold: 1, nodes: 3 }),
      answers: MUTTERING,
    },
    'treeOfThoughts of a game': {
      transform: treeOfThoughts({ depth: 2, breadth: 2, votes: 1, expand: game.expand, isDone: game.isDone }),
      answers: MUTTERING,
      scope: { functions: game },
    },
  },
  exact: [
    ...THOUGHT_LAWS,
    ...BEAMS,
    ...[1, 2].map((width) =>
      law(
        'beamSearch',
        `beams=1 width=${width}, tokens`,
        plus(tokens, beamSearch({ beams: 1, width, score: tilting })),
        () => greedy(width),
      ),
    ),
    law(
      'beamSearch',
      'dvts: the best of independent searches',
      plus(lines, beamSearch({ beams: 2, width: 1, steps: 2, score, variant: 'dvts' })),
      () => diverse(normal(LINES), 2, 1, 2),
    ),
    EQUAL('beamSearch', 'width=1, beams=1 = base', plus(lines, beamSearch({ beams: 1, width: 1, score })), lines),
    EQUAL(
      'beamSearch',
      'one step = bestOfN by the score of the first step',
      plus(oneLine, beamSearch({ beams: 1, width: 3, steps: 1, score })),
      plus(
        oneLine,
        bestOfN({ n: 3, score: scorer('first', ({ content }) => value(textOf(content).replace(/(?<=\n).*/s, ''))) }),
      ),
    ),
    ...FILTERS,
    ...(
      [
        [2, 1, 1],
        [4, 1, 1],
        [4, 2, 0.3],
        [4, 2, 2],
      ] as const
    ).map(([n, width, exploration]) =>
      law(
        'mcts',
        `n=${n} width=${width} exploration=${exploration}`,
        plus(lines, mcts({ n, width, exploration, score })),
        () => uct(normal(LINES), n, width, exploration),
      ),
    ),
    ...[0.2, 2].map((exploration) =>
      law(
        'mcts',
        `n=4 width=2 exploration=${exploration}, bushy`,
        plus(finite(BUSHY), mcts({ n: 4, width: 2, exploration, score })),
        () => uct(normal(BUSHY), 4, 2, exploration),
      ),
    ),
    EQUAL('mcts', 'width >= n is bestOfN', plus(lines, mcts({ n: 3, score })), plus(lines, bestOfN({ n: 3, score }))),
    ...([1, 2, 3] as const).map((n) =>
      law('abMcts', `n=${n}, a verifier`, plus(reviser, abMcts({ n, score: verifier })), () => branching(n)),
    ),
    EQUAL(
      'abMcts',
      'two models of a kind are one',
      plus(reviser, abMcts({ n: 1, score: verifier, models: [reviser] })),
      reviser,
    ),
    EQUAL('particleFilter', 'n=1 = base', plus(lines, particleFilter({ n: 1, score })), lines),
    EQUAL(
      'particleFilter',
      'steps=1 = softBestOfN',
      plus(lines, particleFilter({ n: 3, steps: 1, score, temperature: 0.5 })),
      plus(lines, softBestOfN({ n: 3, score, temperature: 0.5 })),
    ),
  ],
  mutants: TREE_MUTANTS,
};
