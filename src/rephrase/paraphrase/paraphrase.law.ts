/** The law of paraphrasing: Σ over r_1 … r_n, y of Π_i Q(r_i | reword x) Π_i P(y_i | r_i) P(y_0 | x) [a leads among y_0 … y_n]. */
import { plus, questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { reRead } from '../re-read/re-read.ts';
import { paraphrase, REWORD } from './paraphrase.ts';

// A question with three wordings, one of them empty, each with answers of its own; some texts hold the same answer.
const WORDINGS: Distribution = { plain: 3, odd: 2, ' ': 1 };
const ANSWERS: Tables = {
  question: { 'Answer: x': 2, y: 2, 'no\nidea': 1 },
  plain: { x: 4, 'Answer: y': 1 },
  odd: { z: 2, y: 1, 'no\nidea': 1 },
};
const ANSWER_OF: { readonly [text: string]: string | null } = {
  'Answer: x': 'x',
  'Answer: y': 'y',
  'no\nidea': null,
};
const rephraser = (wordings: Distribution, said: Tables): Model =>
  enumerable({
    name: 'rephraser',
    answers(prompt) {
      const asked = questionOf(prompt);
      return asked === REWORD({ question: 'question' }) ? wordings : (said[asked] ?? { lost: 1 });
    },
  });
/** Votes in order: the question as it stands, then each wording; the first of those that lead, or the first text at all. */
function paraphrased(n: number, draws: number, reworded: Distribution, said: Tables): P {
  const out = new Map<string, number>();
  const answers = (wording: string): P => normal(said[wording.trim() || 'question'] as Distribution);
  const visit = (wordings: readonly string[], texts: readonly string[], p: number): void => {
    if (texts.length < wordings.length * draws) {
      const wording = wordings[Math.floor(texts.length / draws)] as string;
      for (const [y, q] of answers(wording)) visit(wordings, [...texts, y], p * q);
    } else if (wordings.length <= n) for (const [r, q] of normal(reworded)) visit([...wordings, r], texts, p * q);
    else {
      const answered = texts.map((text) => (text in ANSWER_OF ? ANSWER_OF[text] : text));
      const count = (answer: string | null | undefined): number =>
        answer === null ? 0 : answered.filter((one) => one === answer).length;
      const most = Math.max(...answered.map(count));
      add(out, texts[answered.findIndex((one) => count(one) === most)] as string, p);
    }
  };
  visit(['question'], [], 1);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'paraphrase',
  subjects: {
    paraphrase: paraphrase({ n: 3 }),
    'paraphrase, two draws, another rephraser': (base) =>
      paraphrase({ n: 2, draws: 2, rephraser: reRead()(base) })(base),
  },
  exact: varied(
    {
      n: upTo(2, paraphrase.definition.options.n),
      draws: upTo(2, paraphrase.definition.options.draws),
      wordings: weights(WORDINGS, 'how the question is worded anew'),
      answers: weightsAfter(ANSWERS, 'what is answered to each'),
    },
    ({ n, draws, wordings, answers }) =>
      holds(
        `n=${n}, draws=${draws}: votes of wordings, in their order`,
        plus(rephraser(wordings, answers), paraphrase({ n, draws })),
        () => paraphrased(n, draws, wordings, answers),
      ),
    [
      { n: 1, draws: 1 },
      { n: 2, draws: 1 },
      { n: 1, draws: 2 },
    ],
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the question as it stands has no vote',
    file: 'rephrase/paraphrase/paraphrase.ts',
    from: 'if (i === 0) return answer(request.prompt, at);',
    to: 'if (i === 0) return [];',
  },
  {
    bug: 'an empty wording is put as the question',
    file: 'rephrase/paraphrase/paraphrase.ts',
    from: "reworded === '' ? request.prompt : ",
    to: '',
  },
];
