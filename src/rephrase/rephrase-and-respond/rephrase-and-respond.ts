import { annotate, fork, option, progress, promptFor, questionOf, technique, withQuestion } from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';

/**
 * Has the question rephrased and expanded, then answers it with both versions at hand.
 *
 *     P'(y | x) = Σ over r of Q(r | rephrase x) P(y | x, r)         Q: the rephraser, the base itself if left out
 *
 * It helps where a question is worded unlike anything the model was trained on, and hurts where the rephrasing changes
 * what is asked: the answer keeps the original in view for that reason.
 *
 * Cost: 2 calls, one after the other. Source: Deng et al., "Rephrase and respond", 2023 (two-step RaR).
 */
export const rephraseAndRespond = technique({
  name: 'rephraseAndRespond',
  room: 'rephrase',
  summary: 'rephrase the question, then answer it',
  paper: 'Deng et al., 2023',
  options: {
    rephraser: option.model({ doc: 'the model that rephrases; the base itself if left out', optional: true }),
    rephrase: option.prompt(['question'], { doc: 'how the question is put to the rephraser' }),
    respond: option.prompt(['question', 'rephrased'], { doc: 'how both versions are put to the base' }),
  },
  calls: '2',
  rounds: '2',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over r of Q(r | x) P(y | x, r)',
    why: 'two draws; that the second question is the better one is a rule of thumb',
  }),
  async run(base, request, context, { rephraser = base, ...wording }, last) {
    const rephrase = promptFor(rephraser, 'rephraseAndRespond.rephrase', wording.rephrase, REPHRASE);
    const respond = promptFor(base, 'rephraseAndRespond.respond', wording.respond, RESPOND);
    const question = questionOf(request.prompt);
    const { text: rephrased } = await put(rephraser, request, fork(context, 'rephrase'), rephrase, { question });
    progress(context, `rephrased: ${rephrased}`);
    const prompt =
      rephrased === '' ? request.prompt : withQuestion(request.prompt, respond.say({ question, rephrased }));
    return annotate(await last(base, { ...request, prompt }, fork(context, 'respond')), { rephrased });
  },
});

export const REPHRASE = ({ question }: { readonly question: string }): string =>
  `Rephrase and expand the question below so that it is easier to answer well. Keep every fact and number in it, and do not answer it. Reply with the new question only.\n\n${question}`;
export const RESPOND = ({ question, rephrased }: { readonly question: string; readonly rephrased: string }): string =>
  `(Original) ${question}\n(Rephrased) ${rephrased}\n\nAnswer the original question; the rephrased one is there to help.`;
