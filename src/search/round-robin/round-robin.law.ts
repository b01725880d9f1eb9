/** The law of a round robin under a judge who prefers a place: every table of points, of every draw. */
import { plus } from '../../core/index.ts';
import { add, normal, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { DRAFTS, judging, match, played, shown, TWO_DRAFTS, verdicts } from '../shared/judged.law.ts';
import { roundRobin } from './round-robin.ts';

/** A point for a match won and half of one for a tie. Of equals the first drawn is kept. */
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
  const none = players.map(() => 0);
  play(0, none, 1);
  return out;
}

const three = judging(DRAFTS, verdicts);

export const law: TechniqueLaw = {
  technique: 'roundRobin',
  subjects: {
    roundRobin: {
      transform: (base) => roundRobin({ n: 3, judge: base })(base),
      answers: (prompt) => (shown(prompt).length > 0 ? { 'Better: A': 2, 'Better: B': 3 } : { four: 1, five: 1 }),
    },
  },
  exact: [
    ...varied(
      { n: upTo(4, roundRobin.definition.options.n), drafts: weights(DRAFTS) },
      ({ n, drafts }) =>
        holds(`n=${n}: most points, ties to the first`, plus(judging(drafts, verdicts), roundRobin({ n })), () =>
          played(normal(drafts), n, points),
        ),
      [{ n: 2 }, { n: 3, drafts: { ...TWO_DRAFTS, green: 0 } }],
    ),
    same('n=1 meets nobody, and is the base', plus(three, roundRobin({ n: 1 })), three),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a tie is worth a win',
    file: 'search/round-robin/round-robin.ts',
    from: '(1 + Math.sign(nets.get(`${i}-${j}`) ?? 0)) / 2',
    to: 'Math.ceil((1 + Math.sign(nets.get(`${i}-${j}`) ?? 0)) / 2)',
  },
];
