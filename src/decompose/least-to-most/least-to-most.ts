import { annotate, draftAt, fork, option, progress, promptFor, technique, withQuestion } from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { answerOf, askedIn, filled, PART, partsIn, shown, WHOLE, type Asked, type Known } from '../shared/parts.ts';

/**
 * Has the question taken apart into a list of questions from the easiest to the question itself, and answers them one
 * after the other, each with the earlier ones and their answers in view. The answer to the last is the answer.
 *
 *     P'(y | x) = Σ over q_1..q_m, a_1..a_m-1 of P(q | split x) Π_i P(a_i | x, q_1, a_1 .. q_i) P(y | x, q_1, a_1 .. q_m)
 *
 * `#1` in a later question is the answer to the first. It helps where a question is harder than those the model learned
 * from and made of ones that are not; a wrong answer early on is carried through to the end.
 *
 * Cost: 1 + `most` calls at most, one after the other. Where the reply has no list, the question is asked as it is.
 * Source: Zhou et al., "Least-to-most prompting enables complex reasoning in large language models", 2022.
 */
export const leastToMost = technique({
  name: 'leastToMost',
  room: 'decompose',
  summary: 'answer easier questions first, each in view of the ones before',
  paper: 'Zhou et al., 2022',
  options: {
    most: option.integer({ doc: 'questions asked, at most', min: 1, default: 5 }),
    decomposer: option.model({ doc: 'the model that takes it apart; the base itself if left out', optional: true }),
    split: option.prompt(['question', 'asked'], { doc: 'how the list of questions is asked for' }),
    part: option.prompt(['part'], { doc: 'how a question of the list is put, beside {question} {context} {known}' }),
    whole: option.prompt(['question', 'part'], { doc: 'how the last of them is put, beside {context} {known}' }),
  },
  calls: '1 + most',
  rounds: '1 + most',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over q, a of P(q | x) prod P(a_i | x, q_1, a_1 .. q_i) P(y | x, q, a)',
    why: 'each step is one draw given the ones before; that the parts are easier is a rule of thumb',
  }),
  async run(base, request, context, { most, decomposer = base, ...wording }, last) {
    const splitting = promptFor(decomposer, 'leastToMost.split', wording.split, SPLIT);
    const asking = promptFor(base, 'leastToMost.part', wording.part, PART);
    const ending = promptFor(base, 'leastToMost.whole', wording.whole, WHOLE);
    const asked = askedIn(request);
    const list = await put(decomposer, request, fork(context, 'split'), splitting, asked);
    const parts = partsIn(list, most, 'leastToMost', context);
    const end = parts.at(-1);
    if (end === undefined) return last(base, request, draftAt(context, 'whole'));
    const known: Known[] = [];
    const inView = (part: string) => ({
      ...asked,
      part: filled(
        part,
        known.map(({ answer }) => answer),
      ),
      known: shown(known),
    });
    for (const [i, one] of parts.slice(0, -1).entries()) {
      const said = inView(one);
      const { sample, text } = await put(base, request, fork(context, `step/${i + 1}`), asking, said);
      known.push({ part: said.part, answer: answerOf(sample, text, request) });
      progress(context, `${said.part} ${text}`);
    }
    const prompt = withQuestion(request.prompt, ending.say(inView(end)));
    return annotate(await last(base, { ...request, prompt }, draftAt(context, 'whole')), { parts: known.length + 1 });
  },
});

export const SPLIT = ({ question }: Asked): string =>
  `Do not answer the task below yet. Break it down into simpler questions, from the easiest to the hardest, so that each can be answered from the answers before it; write #1 for the answer to question 1. The last one is the task's own question. Reply with nothing but the numbered list, one question a line, such as\n1. ...\n2. ...\n\n${question}`;
