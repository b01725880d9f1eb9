import {
  annotate,
  drawOne,
  draftAt,
  fork,
  option,
  progress,
  promptFor,
  questionOf,
  technique,
  withQuestion,
  type Parts,
  type Prompt,
} from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';

/**
 * Takes a step back: asks what more general question lies behind, answers that one, and then answers the question with
 * the principle at hand.
 *
 *     P'(y | x) = Σ over q, a of P(q | step back from x) P(a | q) P(y | x, q, a)
 *
 * It helps where an answer hangs on a fact or principle that the details of the question hide, and costs three calls
 * where the question is plain.
 *
 * A step back that says nothing is left out: the question is answered as it stands.
 *
 * Cost: 3 calls, one after the other. Source: Zheng et al., "Take a step back", 2023.
 */
export const stepBack = technique({
  name: 'stepBack',
  room: 'rephrase',
  summary: 'ask and answer the more general question first',
  paper: 'Zheng et al., 2023',
  options: {
    abstractor: option.model({ doc: 'the model that steps back; the base itself if left out', optional: true }),
    stepBack: option.prompt(['question'], { doc: 'how the more general question is asked for' }),
    principle: option.prompt(['general'], { doc: 'how the more general question is put' }),
    answer: option.prompt(['question', 'general', 'principle'], { doc: 'how the question is put in the end' }),
  },
  calls: '3',
  rounds: '3',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over q, a of P(q | x) P(a | q) P(y | x, q, a)',
    why: 'three draws; that the principle helps is a rule of thumb',
  }),
  async run(base, request, context, { abstractor = base, ...wording }, last) {
    const stepping = promptFor(abstractor, 'stepBack.stepBack', wording.stepBack, STEP_BACK);
    const founding = promptFor(abstractor, 'stepBack.principle', wording.principle, PRINCIPLE);
    const answering = promptFor(base, 'stepBack.answer', wording.answer, ANSWER);
    const question = questionOf(request.prompt);
    const ask = async <P extends Parts>(prompt: Prompt<P>, parts: P, step: string): Promise<string> => {
      const { text } = await put(abstractor, request, fork(context, step), prompt, parts);
      progress(context, `${step}: ${text}`);
      return text;
    };
    const general = await ask(stepping, { question }, 'step back');
    if (general === '') return annotate(await drawOne(base, request, draftAt(context, 'answer')), { general });
    const principle = await ask(founding, { general }, 'principle');
    const prompt = withQuestion(request.prompt, answering.say({ question, general, principle }));
    return annotate(await last(base, { ...request, prompt }, draftAt(context, 'answer')), { general });
  },
});

type AnswerParts = { readonly question: string; readonly general: string; readonly principle: string };

export const STEP_BACK = ({ question }: { readonly question: string }): string =>
  `Take a step back from the question below: which more general question, about the principle or fact behind it, should be answered first? Reply with that question only.\n\n${question}`;
export const PRINCIPLE = ({ general }: { readonly general: string }): string => general;
export const ANSWER = ({ question, general, principle }: AnswerParts): string =>
  `Background.\nQuestion: ${general}\nAnswer: ${principle}\n\nWith this background where it helps, answer:\n${question}`;
