/** The law of universal self-consistency: every order in which the candidates may be shown, of every draw. */
import { plus, questionOf } from '../../core/index.ts';
import { add, normal, sequences, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { DRAFTS, judging, TWO_DRAFTS, WORTH } from '../shared/judged.law.ts';
import { universalSelfConsistency } from './universal-self-consistency.ts';

/** Names places: the more the text there is worth and the earlier it stands, the likelier; or none at all. */
const naming = (texts: readonly string[]): Distribution => ({
  ...Object.fromEntries(
    texts.map((text, i) => [`Because.\nMost consistent: ${i + 1}`, (WORTH[text] as number) / (i + 1)]),
  ),
  'I cannot say.': 1,
});

const orders = <T>(of: readonly T[]): T[][] =>
  of.length === 0 ? [[]] : of.flatMap((one, i) => orders(of.toSpliced(i, 1)).map((rest) => [one, ...rest]));

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

export const law: TechniqueLaw = {
  technique: 'universalSelfConsistency',
  subjects: {
    universalSelfConsistency: universalSelfConsistency({ n: 3 }),
    'universalSelfConsistency with a picker': {
      transform: (base) => universalSelfConsistency({ n: 3, picker: base })(base),
      answers: (prompt) =>
        questionOf(prompt).includes('[Answer 2]')
          ? { 'Most consistent: 2': 2, 'Most consistent: 3': 1 }
          : { '4': 1, '5': 1 },
    },
  },
  exact: varied(
    { n: upTo(4, universalSelfConsistency.definition.options.n), drafts: weights(DRAFTS) },
    ({ n, drafts }) =>
      holds(`n=${n}: every order of every draw`, plus(judging(drafts, naming), universalSelfConsistency({ n })), () =>
        named(normal(drafts), n),
      ),
    [{ n: 2 }, { n: 3, drafts: { ...TWO_DRAFTS, green: 0 } }],
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the most consistent one is looked up in the order of the draws',
    file: 'search/universal-self-consistency/universal-self-consistency.ts',
    from: "typeof place === 'number' ? order[place]",
    to: "typeof place === 'number' ? samples[place]",
  },
  {
    bug: 'candidates are shown in the order of the draws',
    file: 'search/universal-self-consistency/universal-self-consistency.ts',
    from: 'left.splice(choice.categorical(left.map(() => 1)), 1)',
    to: 'left.splice(choice.categorical(left.map((_, i) => Number(i === 0))), 1)',
  },
];
