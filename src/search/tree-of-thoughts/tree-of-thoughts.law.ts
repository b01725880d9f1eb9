/** The law of a tree of thoughts: the search written once more as a plain program, over a model that thinks in letters. */
import { judge, enumerate, plus, scorer, textOf, type Choice, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { NEXT, PROPOSE, VALUE, VOTE, type Thought } from './thoughts.ts';
import { RESPOND, treeOfThoughts } from './tree-of-thoughts.ts';

const DEPTH = 2;
/** The letters that may be proposed after a path: each text is one reply. */
const PROPOSED: { readonly [path: string]: Distribution } = {
  '': { ab: 2, ba: 1 },
  a: { ab: 1, b: 1 },
  b: { aab: 1 },
};
const VERDICTS: Tables = {
  a: { sure: 1, likely: 3 },
  b: { likely: 1, impossible: 1 },
  aa: { likely: 1 },
  ab: { sure: 1, impossible: 1 },
  ba: { likely: 1, sure: 2 },
  bb: { impossible: 1 },
};
const WORTH: Distribution = { sure: 20, likely: 1, impossible: 0.001 };
const LETTER: { readonly [path: string]: Distribution } = { '': { a: 2, b: 1 }, a: { a: 1, b: 3 }, b: { b: 1 } };
/** Votes only look at how many there are to choose from. */
const PREFERRED: Distribution = { '1': 1, 'The best is 2': 2 };
const PATHS = ['', 'a', 'b', 'aa', 'ab', 'ba', 'bb'];

/** The last step of a path, as the model writes it. */
const line = (path: string): string => `${path.at(-1)} (left: ${path})`;
/** What prompts say of a path whose steps tell what is left. */
const parts = (path: string) => ({
  question: 'question',
  state: path || 'question',
  steps: Array.from(path, (_, i) => line(path.slice(0, i + 1))).join('\n'),
});
/** The same for steps that are letters and nothing else. */
const plainParts = (path: string) => ({
  ...parts(path),
  state: path ? Array.from(path).join('\n') : 'question',
  steps: Array.from(path).join('\n'),
});
/** The replies to a request for next steps: a letter a line. */
const replies = (path: string): Distribution =>
  Object.fromEntries(
    Object.entries(PROPOSED[path] ?? { '': 1 }).map(([letters, weight]) => [
      Array.from(letters, (letter) => `- ${line(path + letter)}`).join('\n'),
      weight,
    ]),
  );

/** What the model says to each thing it may be asked. */
const thinkerWith = (verdicts: Tables): Model =>
  enumerable({
    name: 'thinker',
    answers: {
      ...Object.fromEntries(
        PATHS.flatMap((path): [string, Distribution][] => [
          [PROPOSE({ ...parts(path), count: '8' }), replies(path)],
          [VALUE(parts(path)), verdicts[path] ?? { 'who knows': 1 }],
          [RESPOND(parts(path)), { [path]: 1 }],
          [NEXT(plainParts(path)), LETTER[path] ?? { a: 1 }],
          [RESPOND(plainParts(path)), { [path]: 1 }],
        ]),
      ),
      ...Object.fromEntries(
        PATHS.flatMap((first) =>
          PATHS.map((second): [string, Distribution] => [
            VOTE({
              question: 'question',
              choices: `Choice 1:\n${parts(first).steps}\n\nChoice 2:\n${parts(second).steps}`,
            }),
            PREFERRED,
          ]),
        ),
      ),
    },
  });

const thinker = thinkerWith(VERDICTS);

/** A path and what it is worth. */
interface Valued {
  readonly path: string;
  readonly value: number;
}
const draw = (choice: Choice, from: Distribution): string =>
  Object.keys(from)[choice.categorical(Object.values(from))] as string;
const ranked = (all: readonly Valued[]): Valued[] => all.toSorted((a, b) => b.value - a.value);
/** What each path is worth: the verdicts on it; a path that stands twice is worth less than all others the second time. */
const judged = (choice: Choice, paths: readonly string[], votes: number, verdicts: Tables): Valued[] =>
  paths.map((path, i) => ({
    path,
    value:
      paths.indexOf(path) < i
        ? -1
        : Array.from({ length: votes }, () => WORTH[draw(choice, verdicts[path] ?? {})] ?? 0).reduce((a, b) => a + b),
  }));
const next = (choice: Choice, path: string): string[] =>
  Array.from(draw(choice, PROPOSED[path] ?? {}), (letter) => path + letter);

/** The distribution of what a plain program gives. */
async function outcomes(program: (choice: Choice) => string): Promise<P> {
  const out = new Map<string, number>();
  for await (const { value, probability } of enumerate(async (choice) => program(choice))) add(out, value, probability);
  return out;
}

/** Breadth first. */
const levelwise = (breadth: number, votes: number, verdicts: Tables) => (choice: Choice) => {
  let kept: Valued[] = [{ path: '', value: 0 }];
  for (let level = 0; level < DEPTH; level++)
    kept = ranked(
      judged(
        choice,
        kept.flatMap(({ path }) => next(choice, path)),
        votes,
        verdicts,
      ),
    ).slice(0, breadth);
  return kept[0]?.path ?? '';
};
/** Depth first. */
const backtracking = (threshold: number, verdicts: Tables) => (choice: Choice) => {
  const seen: Valued[] = [];
  const visit = (path: string): string | undefined => {
    if (path.length === DEPTH) return path;
    const children = judged(choice, next(choice, path), 1, verdicts);
    seen.push(...children);
    for (const child of ranked(children)) {
      if (child.value <= threshold) return undefined;
      const found = visit(child.path);
      if (found) return found;
    }
    return undefined;
  };
  return visit('') ?? ranked(seen).toSorted((a, b) => b.path.length - a.path.length)[0]?.path ?? '';
};

/** Everything it says is a next step and a verdict at once, so that the shared laws go all the way. */
const MUTTERING = (): Distribution => ({ 'sure\nlikely': 3, 'likely (left: 1)\nsure 4': 2, 'impossible 1': 1 });
const game = {
  expand: ({ steps }: Thought) => [`${steps.length}a`, `${steps.length}b`],
  isDone: ({ state }: Thought) => state.endsWith('1b'),
};
const last = scorer('last', ({ content }) => textOf(content).charCodeAt(textOf(content).length - 1));

const { options } = treeOfThoughts.definition;
const verdicts = weightsAfter(VERDICTS, 'what is said of each path');

export const law: TechniqueLaw = {
  technique: 'treeOfThoughts',
  subjects: {
    treeOfThoughts: { transform: treeOfThoughts({ depth: 2, breadth: 2, votes: 2 }), answers: MUTTERING },
    'treeOfThoughts with a judge': {
      transform: (base) => treeOfThoughts({ depth: 2, breadth: 2, score: judge(base) })(base),
      answers: MUTTERING,
    },
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
    ...varied(
      { breadth: upTo(3, options.breadth), votes: upTo(2, options.votes), verdicts },
      ({ breadth, votes, verdicts }) =>
        holds(
          `bfs breadth=${breadth} votes=${votes}`,
          plus(thinkerWith(verdicts), treeOfThoughts({ depth: DEPTH, breadth, votes })),
          () => outcomes(levelwise(breadth, votes, verdicts)),
        ),
      [
        { breadth: 1, votes: 1 },
        { breadth: 2, votes: 1 },
        { breadth: 1, votes: 2 },
      ],
    ),
    ...varied(
      { threshold: options.threshold, verdicts },
      ({ threshold, verdicts }) =>
        holds(
          `dfs threshold=${threshold}`,
          plus(thinkerWith(verdicts), treeOfThoughts({ search: 'dfs', depth: DEPTH, votes: 1, threshold })),
          () => outcomes(backtracking(threshold, verdicts)),
        ),
      [0.003, 1].map((threshold) => ({ threshold })),
    ),
    holds(
      'one level, a vote of three between two',
      plus(thinker, treeOfThoughts({ depth: 1, breadth: 1, values: 'vote' })),
      () =>
        outcomes((choice) => {
          const found = next(choice, '');
          const votes = Array.from({ length: 3 }, () => Number(draw(choice, PREFERRED).at(-1)) - 1);
          return found[votes.filter((vote) => vote === 1).length > 1 ? 1 : 0] as string;
        }),
    ),
    holds(
      'thoughts sampled one by one, and a score',
      plus(thinker, treeOfThoughts({ depth: DEPTH, breadth: 1, thoughts: 'sample', proposals: 2, score: last })),
      () =>
        outcomes((choice) => {
          let path = '';
          while (path.length < DEPTH) {
            const letters = [0, 1].map(() => draw(choice, LETTER[path] ?? {}));
            path += letters.includes('b') ? 'b' : 'a';
          }
          return path;
        }),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a level keeps one thought too many',
    file: 'search/tree-of-thoughts/frontier.ts',
    from: 'slice(0, breadth)',
    to: 'slice(0, breadth + 1)',
  },
  {
    bug: 'depth first goes on below its threshold',
    file: 'search/tree-of-thoughts/frontier.ts',
    from: 'if (!(child.value > threshold)) return undefined;',
    to: '',
  },
  {
    bug: 'a thought proposed twice takes two places',
    file: 'search/tree-of-thoughts/tree-of-thoughts.ts',
    from: 'texts.indexOf(texts[i] as string) === i',
    to: 'i >= 0',
  },
  {
    bug: 'only the first verdict counts',
    file: 'search/tree-of-thoughts/thoughts.ts',
    from: 'sum + (one ?? 0)',
    to: 'sum || (one ?? 0)',
  },
];
