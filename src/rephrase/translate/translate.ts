import {
  annotate,
  attempt,
  drawOne,
  draftAt,
  fork,
  option,
  progress,
  promptFor,
  questionOf,
  technique,
  textOf,
  withQuestion,
} from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';

/**
 * Has the question translated, answers it in that language, and has the answer translated back.
 *
 *     P'(z | x) = Σ over t, y of T(t | x) P(y | t) T(z | x, y)                 T: the translator, the base itself if left out
 *
 * With `reply="direct"` the base sees both versions, thinks in the other language and answers in that of the question:
 * Σ over t of T(t | x) P(y | x, t), as cross-lingual-thought prompting does. It helps where a model knows more, or reasons
 * better, in the other language, and hurts where what is asked does not survive the translation: names, puns, the words
 * themselves. An answer that calls a tool is not translated.
 *
 * Cost: 3 calls, one after the other, or 2 with `reply="direct"`. At a budget's limit: the answer that is not translated
 * back. Source: Shi et al., "Language models are multilingual chain-of-thought reasoners", 2022; Huang et al., "Not all
 * languages are created equal in LLMs", 2023 (XLT).
 */
export const translate = technique({
  name: 'translate',
  room: 'rephrase',
  summary: 'answer in another language, and translate back',
  paper: 'Shi et al., 2022',
  options: {
    language: option.text({ doc: 'the language to think in', default: 'English' }),
    reply: option.oneOf(['back', 'direct'], {
      doc: 'whether the answer is translated back, or written in the language of the question at once',
      default: 'back',
    }),
    translator: option.model({ doc: 'the model that translates; the base itself if left out', optional: true }),
    there: option.prompt(['question', 'language'], { doc: 'how the translation of the question is asked for' }),
    both: option.prompt(['question', 'translated', 'language'], { doc: 'how both versions are put to the base' }),
    back: option.prompt(['question', 'answer', 'language'], { doc: 'how the translation back is asked for' }),
  },
  calls: '3',
  rounds: '3',
  semantics: ({ reply }) => ({
    kind: 'exact',
    target: reply === 'back' ? 'sum over t, y of T(t | x) P(y | t) T(z | x, y)' : 'sum over t of T(t | x) P(y | x, t)',
    why: 'each step is one draw; that a translation means the same is a rule of thumb',
  }),
  async run(base, request, context, { language, reply, translator = base, ...wording }) {
    const going = promptFor(translator, 'translate.there', wording.there, THERE);
    const showing = promptFor(base, 'translate.both', wording.both, BOTH);
    const returning = promptFor(translator, 'translate.back', wording.back, BACK);
    const question = questionOf(request.prompt);
    const parts = { question, language };
    const { text: translated } = await put(translator, request, fork(context, 'translate'), going, parts);
    progress(context, `translated: ${translated}`);
    const facts = { translated };
    if (translated === '') return annotate(await drawOne(base, request, draftAt(context, 'answer')), facts);
    const text = reply === 'back' ? translated : showing.say({ question, translated, language });
    const asked = { ...request, prompt: withQuestion(request.prompt, text) };
    const thought = await drawOne(base, asked, draftAt(context, 'answer'));
    const answer = textOf(thought.content);
    if (reply === 'direct' || answer.trim() === '' || thought.content.some(({ type }) => type === 'tool-call'))
      return annotate(thought, facts);
    progress(context, `answered: ${answer}`);
    const { tools: _tools, toolChoice: _choice, ...form } = request; // translated in the form of the request
    const back = { ...form, prompt: withQuestion(request.prompt, returning.say({ question, answer, language })) };
    const home = await attempt(context, drawOne(translator, back, fork(context, 'back')));
    return annotate(home ?? thought, facts);
  },
});

type Sides = { readonly question: string; readonly translated: string; readonly language: string };

export const THERE = ({ question, language }: { readonly question: string; readonly language: string }): string =>
  `Translate the text below into ${language}. Keep every fact, number and name in it, and do not answer it. Reply with the translation only.\n\n${question}`;
export const BOTH = ({ question, translated, language }: Sides): string =>
  `${question}\n\nIn ${language}: ${translated}\n\nThink in ${language}, step by step. Then answer the first version, in its own language and in the form it asks for.`;
export const BACK = ({ question, answer }: { readonly question: string; readonly answer: string }): string =>
  `A question:\n${question}\n\nIts answer, in another language:\n${answer}\n\nTranslate the answer into the language of the question. Leave numbers, names, code and the form of the answer as they are. Reply with the translation only.`;
