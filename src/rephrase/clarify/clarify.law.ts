/** The law of clarifying: Σ over q of Q(q | x) P(y | x, q, h(q)), h the person; without a person, Σ over readings r of Q(r | x) P(y | x, r). */
import { plus, questionOf, type Context, type Host, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { upTo, weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { clarify, DECIDE, READ } from './clarify.ts';

// A question that may be unclear, a person who replies, and what is answered in the light of it.
const ASKS: Distribution = { 'ASK: Which one?': 3, CLEAR: 1, '**Ask:** How many?': 2 };
const ASKS_AGAIN: Distribution = { 'ASK: which one': 2, 'ASK: How many?': 1, CLEAR: 1 };
const READS: Distribution = { 'READING: the red one': 2, 'READING: both': 1, CLEAR: 1 };
const REPLIES: { readonly [question: string]: string } = { 'Which one?': 'the red one', 'How many?': 'two' };
const ANSWERS: Tables = {
  '': { x: 1, y: 1 },
  'Q: Which one?\nA: the red one': { x: 5, y: 1 },
  'Q: How many?\nA: two': { z: 1, y: 2 },
  'Q: Which one?\nA: the red one\nQ: How many?\nA: two': { z: 1 },
  'Q: How many?\nA: two\nQ: which one\nA: (no reply)': { x: 1, z: 3 },
  'Read as: the red one': { x: 3, y: 1 },
  'Read as: both': { x: 1, z: 1 },
};
const asker = (asks: Distribution, reads: Distribution, said: Tables): Model =>
  enumerable({
    name: 'asker',
    answers(prompt) {
      const asked = questionOf(prompt);
      if (asked === DECIDE({ question: 'question', known: '' })) return asks;
      if (asked.startsWith(DECIDE({ question: 'question', known: '\n\nAsked already:\nQ: ' }))) return ASKS_AGAIN;
      if (asked === READ({ question: 'question' })) return reads;
      return said[asked.replace(/^question(?:\n\n)?/, '')] ?? { lost: 1 };
    },
  });
const respond = async (question: string): Promise<string> => REPLIES[question] ?? ' ';
/** Asked once or twice, never the same in other capitals; then answered in the light of all that was said. */
function clarified(rounds: number, asks: Distribution, said: Tables): P {
  const out = new Map<string, number>();
  const settle = (known: string, p: number): void => {
    for (const [y, q] of normal(said[known] as Distribution)) add(out, y, p * q);
  };
  for (const [first, p] of normal(asks)) {
    if (first === 'CLEAR') {
      settle('', p);
      continue;
    }
    const one = first.includes('Which') ? 'Q: Which one?\nA: the red one' : 'Q: How many?\nA: two';
    if (rounds === 1) settle(one, p);
    else
      for (const [second, q] of normal(ASKS_AGAIN)) {
        const isNew = second !== 'CLEAR' && second.toLowerCase().includes('which') !== first.includes('Which');
        const two = second.includes('which') ? 'Q: which one\nA: (no reply)' : 'Q: How many?\nA: two';
        settle(isNew ? `${one}\n${two}` : one, p * q);
      }
  }
  return out;
}
/** Read as the model reads it, and answered in the light of that. */
function read(reads: Distribution, said: Tables): P {
  const out = new Map<string, number>();
  for (const [line, p] of normal(reads))
    for (const [y, q] of normal(said[line.replace(/^CLEAR/, '').replace('READING', 'Read as')] as Distribution))
      add(out, y, p * q);
  return out;
}

/** What a model says that is asked whether to ask, and to answer all else. */
const decider = (prompt: readonly Message[]): Distribution =>
  weighed(
    prompt,
    questionOf(prompt).startsWith('Could the question') ? ['ASK: Which?', 'ASK: Why?', 'CLEAR'] : ['4', '5', '22'],
  );
const attended = (): Host => ({
  respond: async (question: string, { signal }: Context) => (signal.throwIfAborted(), `${question} 4`),
});

const answers = weightsAfter(ANSWERS, 'what is answered in the light of what is known');

export const law: TechniqueLaw = {
  technique: 'clarify',
  subjects: {
    'clarify with nobody to ask': { transform: clarify(), answers: decider, preparation: 1 },
    clarify: { transform: clarify({ rounds: 2 }), answers: decider, host: attended, preparation: 2 },
  },
  exact: [
    ...varied(
      { rounds: upTo(2, clarify.definition.options.rounds), asks: weights(ASKS, 'what is asked first'), answers },
      ({ rounds, asks, answers }) =>
        holds(
          `rounds=${rounds}: in the light of the person's replies`,
          hosted(plus(asker(asks, READS, answers), clarify({ rounds })), () => ({ respond })),
          () => clarified(rounds, asks, answers),
        ),
      [1, 2].map((rounds) => ({ rounds })),
    ),
    ...varied({ reads: weights(READS, 'how the question is read'), answers }, ({ reads, answers }) =>
      holds('as it is read, where nobody can be asked', plus(asker(ASKS, reads, answers), clarify()), () =>
        read(reads, answers),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the same is asked twice in other capitals',
    file: 'rephrase/clarify/clarify.ts',
    from: 'plain(a) === plain(b)',
    to: 'a === b && plain(a) === plain(b)',
  },
];
