/** Laws of techniques in which a model looks at several candidates: who it names, and who wins in pairs. */
import { plus, questionOf, type Message, type Model } from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import { roundRobin, tournament, universalSelfConsistency } from '../../src/search/index.ts';
import { exact } from '../../src/testing/laws/exact.ts';
import { add, normal, type LawSet, type P } from './form.ts';

const DRAFTS: Distribution = { red: 4, green: 3, blue: 2 };
const TWO: Distribution = { red: 3, blue: 2 };
const WORTH: { readonly [text: string]: number } = { red: 1, green: 4, blue: 2 };

/** What a prompt shows, in its order. */
const shown = (prompt: readonly Message[]): string[] =>
  [...questionOf(prompt).matchAll(/\[Answer \w+\]\n(\w+)/g)].map(([, text]) => text as string);

/** Names places: the more the text there is worth and the earlier it stands, the likelier; or none at all. */
const naming = (texts: readonly string[]): Distribution => ({
  ...Object.fromEntries(
    texts.map((text, i) => [`Because.\nMost consistent: ${i + 1}`, (WORTH[text] as number) / (i + 1)]),
  ),
  'I cannot say.': 1,
});
/** Prefers worth and, wrongly, the first place. */
const favours = (a: string, b: string): number =>
  (2 * (WORTH[a] as number)) / (2 * (WORTH[a] as number) + (WORTH[b] as number));
const judging = (texts: readonly string[]): Distribution => {
  const [a, b] = texts as [string, string];
  return a === b ? { 'Better: TIE': 1 } : { 'Better: A': favours(a, b), '**Better: B**': 1 - favours(a, b) };
};

const model = (drafts: Distribution, says: (texts: readonly string[]) => Distribution): Model =>
  enumerable({ name: 'model', answers: (prompt) => (shown(prompt).length > 0 ? says(shown(prompt)) : drafts) });

const orders = <T>(of: readonly T[]): T[][] =>
  of.length === 0 ? [[]] : of.flatMap((one, i) => orders(of.toSpliced(i, 1)).map((rest) => [one, ...rest]));
const sequences = (p: P, n: number): (readonly [readonly string[], number])[] =>
  n === 0
    ? [[[], 1]]
    : sequences(p, n - 1).flatMap(([all, m]) => [...p].map(([y, q]) => [[...all, y], m * q] as const));

function named(p: P, n: number): P {
  const out = new Map<string, number>();
  for (const [drawn, mass] of sequences(p, n)) {
    const all = orders(drawn);
    for (const order of all)
      for (const [reply, q] of normal(naming(order))) {
        const place = /\d+/.exec(reply)?.[0];
        add(out, (place === undefined ? drawn[0] : order[Number(place) - 1]) as string, (mass * q) / all.length);
      }
  }
  return out;
}

/** Chances that a is better than b, that they are equal, and that b is better, judged once in each order. */
function match(a: string, b: string): readonly [number, number, number] {
  if (a === b) return [0, 1, 0];
  const [first, second] = [favours(a, b), 1 - favours(b, a)];
  return [first * second, first * (1 - second) + (1 - first) * second, (1 - first) * (1 - second)];
}

/** The first of two goes on unless the second is better; who is left over goes on. */
function knockout(players: readonly string[]): P {
  if (players.length === 1) return new Map([[players[0] as string, 1]]);
  const out = new Map<string, number>();
  const play = (done: readonly string[], left: readonly string[], mass: number): void => {
    const [a, b, ...rest] = left;
    if (a === undefined || b === undefined) {
      for (const [y, q] of knockout([...done, ...left])) add(out, y, mass * q);
      return;
    }
    const [win, tie, loss] = match(a, b);
    if (win + tie > 0) play([...done, a], rest, mass * (win + tie));
    if (loss > 0) play([...done, b], rest, mass * loss);
  };
  play([], players, 1);
  return out;
}

function points(players: readonly string[]): P {
  const out = new Map<string, number>();
  const pairs = players.flatMap((_, i) => players.slice(i + 1).map((__, k) => [i, i + 1 + k] as const));
  const play = (at: number, table: readonly number[], mass: number): void => {
    const [i, j] = pairs[at] ?? [];
    if (i === undefined || j === undefined) {
      add(out, players[table.indexOf(Math.max(...table))] as string, mass);
      return;
    }
    match(players[i] as string, players[j] as string).forEach((q, loss) => {
      if (q > 0)
        play(
          at + 1,
          table.map((x, k) => (k === i ? x + 1 - loss / 2 : k === j ? x + loss / 2 : x)),
          mass * q,
        );
    });
  };
  play(
    0,
    players.map(() => 0),
    1,
  );
  return out;
}

const over = (p: P, n: number, play: (players: readonly string[]) => P): P => {
  const out = new Map<string, number>();
  for (const [drawn, mass] of sequences(p, n)) for (const [y, q] of play(drawn)) add(out, y, mass * q);
  return out;
};

export const judged: LawSet = {
  subjects: {
    universalSelfConsistency: universalSelfConsistency({ n: 3 }),
    'universalSelfConsistency with a picker': {
      transform: (base) => universalSelfConsistency({ n: 3, picker: base })(base),
      answers: (prompt) =>
        questionOf(prompt).includes('[Answer 2]')
          ? { 'Most consistent: 2': 2, 'Most consistent: 3': 1 }
          : { '4': 1, '5': 1 },
    },
    tournament: {
      transform: tournament({ n: 4 }),
      answers: (prompt) => (shown(prompt).length > 0 ? { 'Better: A': 2, 'Better: B': 3 } : { four: 1, five: 1 }),
    },
    roundRobin: {
      transform: (base) => roundRobin({ n: 3, judge: base })(base),
      answers: (prompt) => (shown(prompt).length > 0 ? { 'Better: A': 2, 'Better: B': 3 } : { four: 1, five: 1 }),
    },
  },
  exact: [
    ...[2, 3].map((n) => ({
      technique: 'universalSelfConsistency',
      law: `n=${n}: every order of every draw`,
      model: plus(model(n === 2 ? DRAFTS : TWO, naming), universalSelfConsistency({ n })),
      expected: () => named(normal(n === 2 ? DRAFTS : TWO), n),
      holds: true,
    })),
    ...[2, 3, 4].map((n) => ({
      technique: 'tournament',
      law: `n=${n}: knockout by a judge who prefers a place`,
      model: plus(model(n === 2 ? DRAFTS : TWO, judging), tournament({ n })),
      expected: () => over(normal(n === 2 ? DRAFTS : TWO), n, knockout),
      holds: true,
    })),
    ...[2, 3].map((n) => ({
      technique: 'roundRobin',
      law: `n=${n}: most points, ties to the first`,
      model: plus(model(n === 2 ? DRAFTS : TWO, judging), roundRobin({ n })),
      expected: () => over(normal(n === 2 ? DRAFTS : TWO), n, points),
      holds: true,
    })),
    ...[tournament({ n: 1 }), roundRobin({ n: 1 })].map((transform) => ({
      technique: 'identity',
      law: 'one candidate meets nobody',
      model: plus(model(DRAFTS, judging), transform),
      expected: () => exact(model(DRAFTS, judging)),
      holds: true,
    })),
    {
      technique: 'identity',
      law: 'a tournament of two is a round robin of two',
      model: plus(model(DRAFTS, judging), tournament({ n: 2 })),
      expected: () => exact(plus(model(DRAFTS, judging), roundRobin({ n: 2 }))),
      holds: true,
    },
  ],
  mutants: [
    {
      bug: 'the most consistent one is looked up in the order of the draws',
      file: 'search/universal-self-consistency/universal-self-consistency.ts',
      from: 'const named = order[',
      to: 'const named = samples[',
    },
    {
      bug: 'candidates are shown in the order of the draws',
      file: 'search/universal-self-consistency/universal-self-consistency.ts',
      from: 'left.splice(choice.categorical(left.map(() => 1)), 1)',
      to: 'left.splice(choice.categorical(left.map((_, i) => Number(i === 0))), 1)',
    },
    {
      bug: 'a pair is judged in one order only',
      file: 'search/shared/pairwise.ts',
      from: 'verdict([b, a], request',
      to: 'verdict([a, b], request',
    },
    {
      bug: 'a tied match goes to the last',
      file: 'search/tournament/tournament.ts',
      from: '(nets.get(k) ?? 0) >= 0 ? a : b',
      to: '(nets.get(k) ?? 0) > 0 ? a : b',
    },
    {
      bug: 'a tie is worth a win',
      file: 'search/round-robin/round-robin.ts',
      from: '(1 + Math.sign(nets.get(`${i}-${j}`) ?? 0)) / 2',
      to: 'Math.ceil((1 + Math.sign(nets.get(`${i}-${j}`) ?? 0)) / 2)',
    },
  ],
};
