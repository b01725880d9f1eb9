/** The law of Adaptive-Consistency: its votes walked draw by draw, until the lead is sure enough. */
import { plus } from '../../core/index.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type ExactLaw, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { table, upTo, weights } from '../../testing/laws/parameters.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { adaptiveConsistency } from './adaptive-consistency.ts';

const SHARP: Distribution = { a: 8, b: 1.5, c: 0.5 };
const EVEN: Distribution = { a: 3, b: 3, c: 2 };
const TEXTS: Distribution = { 'The answer is 7.': 3, '\\boxed{7}': 1, 'Answer: 8': 2.5, 'No\nidea': 2 };
const ANSWER: { readonly [text: string]: string } = { 'The answer is 7.': '7', '\\boxed{7}': '7', 'Answer: 8': '8' };
const answerOf = (text: string): string | null => ANSWER[text] ?? null;

/** P(Beta(a+1, b+1) > ½) = I_½(b+1, a+1), by the recurrence I(b+1, a+1) = (I(b, a+1) + I(b+1, a)) / 2 at ½. */
function beta(a: number, b: number): number {
  if (a === 0 && b === 0) return 0.5;
  if (b === 0) return 1 - 2 ** -(a + 1);
  if (a === 0) return 2 ** -(b + 1);
  return (beta(a - 1, b) + beta(a, b - 1)) / 2;
}

interface Rule {
  readonly n: number;
  readonly threshold: number;
  readonly answerOf?: (text: string) => string | null;
}

/** Draw by draw: the state is who was seen in which order, how often, and with which text first. */
function stopped(
  p: P,
  { n, threshold, answerOf = (text) => text }: Rule,
  show: (text: string, votes: number) => string,
): P {
  const out = new Map<string, number>();
  const visit = (seen: ReadonlyMap<string | null, readonly [string, number]>, votes: number, mass: number): void => {
    const [first = 0, second = 0] = [...seen.values()].map(([, count]) => count).toSorted((x, y) => y - x);
    if (votes === n || (votes > 0 && beta(first, second) >= threshold)) {
      const answered = [...seen].filter(([answer]) => answer !== null);
      const most = Math.max(...answered.map(([, [, count]]) => count));
      const [text] = answered.find(([, [, count]]) => count === most)?.[1] ?? [...seen.values()][0] ?? [''];
      add(out, show(text, votes), mass);
      return;
    }
    for (const [text, q] of p) {
      const [kept, count] = seen.get(answerOf(text)) ?? [text, 0];
      visit(new Map([...seen, [answerOf(text), [kept, count + 1]]]), votes + 1, mass * q);
    }
  };
  visit(new Map(), 0, 1);
  return out;
}

/** The text that is kept, and after how many votes. */
const adaptive = (law: string, weights: Distribution, rule: Rule): ExactLaw =>
  holds(
    law,
    plus(
      finite(weights),
      adaptiveConsistency({
        n: rule.n,
        threshold: rule.threshold,
        ...(!rule.answerOf && { extract: 'text' as const }),
      }),
    ),
    () => stopped(normal(weights), rule, (text, votes) => `${text} of ${votes}`),
    {
      outcome: ({ samples: [sample] }) => {
        const [text] = sample?.content ?? [];
        const votes = Number(sample?.providerMetadata?.['plusx']?.['samples']);
        return `${text?.type === 'text' ? text.text : ''} of ${votes}`;
      },
    },
  );

const { threshold } = adaptiveConsistency.definition.options;
const drawn = upTo(7, adaptiveConsistency.definition.options.n);

export const law: TechniqueLaw = {
  technique: 'adaptiveConsistency',
  subjects: {
    adaptiveConsistency: adaptiveConsistency({ n: 12, threshold: 0.9 }),
    'adaptiveConsistency that ends early': {
      transform: adaptiveConsistency({ n: 12 }),
      answers: () => ({ '4': 19, '5': 1 }),
    },
  },
  exact: [
    ...varied(
      { n: drawn, threshold, model: table(SHARP) },
      ({ n, threshold, model }) => adaptive(`n=${n} threshold=${threshold}`, model, { n, threshold }),
      [
        { n: 6, threshold: 0.875 }, // met exactly
        { n: 6, threshold: 0.95 },
        { n: 7, threshold: 0.8, model: EVEN },
      ],
    ),
    ...varied(
      { n: drawn, threshold, model: weights(TEXTS) },
      ({ n, threshold, model }) =>
        adaptive(`n=${n} threshold=${threshold}, with texts that abstain`, model, { n, threshold, answerOf }),
      [{ n: 5, threshold: 0.8 }],
    ),
    same(
      'it is selfConsistency(stop="adaptive")',
      plus(finite(TEXTS), adaptiveConsistency({ n: 5, threshold: 0.9 })),
      plus(finite(TEXTS), selfConsistency({ n: 5, stop: 'adaptive', threshold: 0.9 })),
    ),
    same(
      'threshold=1 is a vote of n',
      plus(finite(EVEN), adaptiveConsistency({ n: 5, threshold: 1 })),
      plus(finite(EVEN), selfConsistency({ n: 5 })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'Adaptive-Consistency forgets its threshold',
    file: 'search/adaptive-consistency/adaptive-consistency.ts',
    from: 'settled(threshold)',
    to: 'settled(0.5 + threshold / 3)',
  },
  {
    bug: 'Adaptive-Consistency is one vote late',
    file: 'search/adaptive-consistency/adaptive-consistency.ts',
    from: 'settled(threshold)',
    to: '{ ...settled(threshold), stops: (all) => settled(threshold).stops(all.slice(1)) }',
  },
];
