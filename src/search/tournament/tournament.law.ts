/** The law of a knockout under a judge who prefers a place: every course that it can take, of every draw. */
import { plus } from '../../core/index.ts';
import { add, normal, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { roundRobin } from '../round-robin/round-robin.ts';
import { DRAFTS, judging, match, played, shown, TWO_DRAFTS, verdicts } from '../shared/judged.law.ts';
import { tournament } from './tournament.ts';

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

const three = judging(DRAFTS, verdicts);

export const law: TechniqueLaw = {
  technique: 'tournament',
  subjects: {
    tournament: {
      transform: tournament({ n: 4 }),
      answers: (prompt) => (shown(prompt).length > 0 ? { 'Better: A': 2, 'Better: B': 3 } : { four: 1, five: 1 }),
    },
  },
  exact: [
    ...varied(
      { n: upTo(5, tournament.definition.options.n), drafts: weights(DRAFTS) },
      ({ n, drafts }) =>
        holds(`n=${n}: every course of a knockout`, plus(judging(drafts, verdicts), tournament({ n })), () =>
          played(normal(drafts), n, knockout),
        ),
      [{ n: 2 }, ...[3, 4].map((n) => ({ n, drafts: { ...TWO_DRAFTS, green: 0 } }))],
    ),
    same('n=1 meets nobody, and is the base', plus(three, tournament({ n: 1 })), three),
    same('n=2 is a round robin of two', plus(three, tournament({ n: 2 })), plus(three, roundRobin({ n: 2 }))),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a pair is judged in one order only',
    file: 'search/shared/pairwise-comparison.ts',
    from: 'verdict([b, a], request',
    to: 'verdict([a, b], request',
  },
  {
    bug: 'a tied match goes to the last',
    file: 'search/tournament/tournament.ts',
    from: '(nets.get(k) ?? 0) >= 0 ? a : b',
    to: '(nets.get(k) ?? 0) > 0 ? a : b',
  },
];
