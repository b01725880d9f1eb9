/** The law of easy-first: Σ over q, F of P(q | x) P(F | x, q) P(y | x, F), F fixed part by part by the largest share of n draws. */
import { plus } from '../../core/index.ts';
import type { P } from '../../testing/laws/closed-form.ts';
import { upTo, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { addWhole, answering, answersTo, solver, takesApart } from '../shared/solver.law.ts';
import { easyFirst } from './easy-first.ts';

const PAIR = { '1. p?\n2. r?': 1 };

interface Leader {
  readonly answer: string;
  readonly votes: number;
  readonly p: number;
}
/** All sequences of n draws, with their leader (the first to have the most votes) and its votes. */
function leaders(answers: P, n: number): Leader[] {
  let drawn: { readonly texts: readonly string[]; readonly p: number }[] = [{ texts: [], p: 1 }];
  for (let i = 0; i < n; i++)
    drawn = drawn.flatMap(({ texts, p }) => [...answers].map(([y, q]) => ({ texts: [...texts, y], p: p * q })));
  return drawn.map(({ texts, p }) => {
    const votes = (y: string): number => texts.filter((text) => text === y).length;
    const most = Math.max(...texts.map(votes));
    return { answer: texts.find((text) => votes(text) === most) as string, votes: most, p };
  });
}
/** Two parts: the one with more votes for its leader first, the first of the list where they have as many. */
function surestFirst(n: number, said: Tables): P {
  const out = new Map<string, number>();
  for (const one of leaders(answersTo('p?', said), n))
    for (const two of leaders(answersTo('r?', said), n)) {
      const isFirst = one.votes >= two.votes;
      const fixed = isFirst ? one.answer : two.answer;
      for (const then of leaders(answersTo(isFirst ? `r? ${fixed}` : `p? ${fixed}`, said), n))
        addWhole(out, isFirst ? `${fixed} ${then.answer}` : `${then.answer} ${fixed}`, one.p * two.p * then.p);
    }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'easyFirst',
  subjects: { easyFirst: { transform: easyFirst({ n: 2, most: 3 }), answers: takesApart, preparation: 13 } },
  exact: varied(
    { n: upTo(4, easyFirst.definition.options.n), answers: answering('p', 'r') },
    ({ n, answers }) =>
      holds(`n=${n}: the surest of two parts is fixed first`, plus(solver(PAIR, answers), easyFirst({ n })), () =>
        surestFirst(n, answers),
      ),
    [2, 3].map((n) => ({ n })),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the least sure part is fixed first',
    file: 'decompose/easy-first/easy-first.ts',
    from: 'next.share > top.share',
    to: 'next.share < top.share',
  },
  {
    bug: 'of parts equally sure the last is fixed first',
    file: 'decompose/easy-first/easy-first.ts',
    from: 'next.share > top.share',
    to: 'next.share >= top.share',
  },
  {
    bug: 'the parts of a round draw at one address',
    file: 'decompose/easy-first/easy-first.ts',
    from: '`part/${index}`',
    to: '`part/0`',
  },
];
