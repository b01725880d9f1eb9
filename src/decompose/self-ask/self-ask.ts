import { annotate, fork, option, progress, promptFor, technique, withQuestion } from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { givesFinalAnswer, labelled } from '../../core/reading/index.ts';
import { answerOf, askedIn, PART, shown, type Asked, type Known } from '../shared/parts.ts';

/**
 * Lets the model ask itself follow-up questions, one at a time, until it gives the final answer. Each follow-up is
 * answered in a call of its own, by the `answerer`, which may be another model: one that searches, say.
 *
 *     P'(y | x) = Σ over f, a of Π_i P(f_i | x, f_1, a_1 .. a_i-1) Q(a_i | x, f_i) P(y | x, f, a)      Q: the answerer
 *
 * It helps on questions of several hops, whose parts a model knows and whose whole it was never told. On a question of
 * one hop it costs a call for nothing, and a model that does not know when to stop asks until `steps` are used up.
 *
 * Cost: 1 + 2·`steps` calls at most, one after the other. A request for structured output or tools has its final answer
 * drawn in that form. Source: Press et al., "Measuring and narrowing the compositionality gap in language models", 2022.
 */
export const selfAsk = technique({
  name: 'selfAsk',
  room: 'decompose',
  summary: 'ask and answer follow-up questions until the answer is clear',
  paper: 'Press et al., 2022',
  options: {
    steps: option.integer({ doc: 'follow-up questions, at most', min: 1, default: 4 }),
    answerer: option.model({ doc: 'the model that answers follow-ups; the base itself if left out', optional: true }),
    ask: option.prompt(['question', 'asked'], { doc: 'how the next step is asked for, beside {context} {known}' }),
    part: option.prompt(['part'], { doc: 'how a follow-up is put to the answerer, beside {question} {context}' }),
    finish: option.prompt(['question', 'asked'], {
      doc: 'how the final answer is asked for, beside {context} {known}',
    }),
  },
  calls: '1 + 2*steps',
  rounds: '1 + 2*steps',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over f, a of prod P(f_i | x, f, a before) Q(a_i | x, f_i) P(y | x, f, a)',
    why: 'each step is one draw given the ones before; that the follow-ups help is a rule of thumb',
  }),
  async run(base, request, context, { steps, answerer = base, ...wording }, last) {
    const asking = promptFor(base, 'selfAsk.ask', wording.ask, ASK);
    const putting = promptFor(answerer, 'selfAsk.part', wording.part, PART);
    const finishing = promptFor(base, 'selfAsk.finish', wording.finish, FINISH);
    const asked = askedIn(request);
    const known: Known[] = [];
    while (known.length < steps) {
      const at = fork(context, `step/${known.length + 1}`);
      const soFar = { ...asked, known: shown(known) };
      const { sample: reply, text } = await put(base, request, fork(at, 'ask'), asking, soFar);
      const part = labelled(text, 'Follow up', 'Follow-up');
      if (part === undefined) {
        const isPlain = !request.tools?.length && (request.responseFormat?.type ?? 'text') === 'text';
        if (!givesFinalAnswer(text)) context.ledger.warn(NO_FORM);
        if (isPlain) return annotate(reply, { followUps: known.length });
        break;
      }
      progress(context, `follow up: ${part}`);
      const { sample, text: said } = await put(answerer, request, fork(at, 'answer'), putting, {
        ...asked,
        part,
        known: '',
      });
      known.push({ part, answer: answerOf(sample, said, request) });
      progress(context, `answer: ${said}`);
    }
    const prompt = withQuestion(request.prompt, finishing.say({ ...asked, known: shown(known) }));
    return annotate(await last(base, { ...request, prompt }, fork(context, 'finish')), { followUps: known.length });
  },
});

type AskParts = Asked & { readonly known: string };

const NO_FORM = {
  code: 'no-form',
  message: 'selfAsk: a reply has neither a "Follow up:" nor a final answer, so it is taken for the answer.',
};

export const ASK = ({ question, known }: AskParts): string =>
  `${question}\n\n${known && `Follow-up questions so far:\n${known}\n`}If one more simple question has to be answered first, reply with that question only, on one line, in the form\nFollow up: ...\nOtherwise reply in the form\nSo the final answer is: ...`;
export const FINISH = ({ question, known }: AskParts): string =>
  `${question}\n\n${known && `Follow-up questions and their answers:\n${known}\n`}Give the final answer now.`;
