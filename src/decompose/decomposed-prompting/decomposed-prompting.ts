import {
  annotate,
  fork,
  gather,
  option,
  progress,
  promptFor,
  technique,
  withQuestion,
  type Model,
} from '../../core/index.ts';
import { namedItem } from '../../core/reading/index.ts';
import { put } from '../../core/technique/put.ts';
import { answerOf, askedIn, filled, PART, partsIn, referencesOf, shown, WHOLE } from '../shared/parts.ts';
import type { Asked, Known } from '../shared/parts.ts';

/**
 * A decomposer splits the question into sub-questions and says who handles each: a `handlers` model by its tag, such as
 * `[search]`, or the base. `#1` in a sub-question is the answer to the first; what does not wait for an answer is asked
 * at once. The last of the list closes the question, with the answers to all others in view.
 *
 *     P'(y | x) = Σ over q, a of D(q | x) Π_i H_i(a_i | x, q_i, the answers q_i refers to) H_m(y | x, q, a)
 *
 * It helps where the parts of a question want different models or tools, and saves time over answering in turn. Where the
 * decomposer forgets a reference, a part is answered without what it needs.
 *
 * Cost: 1 + `most` calls at most; one after the other only as far as parts refer to each other. A part whose tag no
 * handler has goes to the base, with a warning. Source: Khot et al., "Decomposed prompting", 2022.
 */
export const decomposedPrompting = technique({
  name: 'decomposedPrompting',
  room: 'decompose',
  summary: 'split into sub-questions, each for the model that handles it',
  paper: 'Khot et al., 2022',
  options: {
    most: option.integer({ doc: 'sub-questions, at most', min: 1, default: 6 }),
    decomposer: option.model({ doc: 'the model that splits; the base itself if left out', optional: true }),
    handlers: option.models({ doc: 'models that sub-questions may be handed to', optional: true }),
    tags: option.text({ doc: 'what the handlers are called, in their order: "search, table"', default: '' }),
    split: option.prompt(['question', 'asked'], { doc: 'how the sub-questions are asked for, beside {handlers}' }),
    part: option.prompt(['part'], { doc: 'how a sub-question is put, beside {question} {context} {known}' }),
    whole: option.prompt(['question', 'part'], { doc: 'how the last of them is put, beside {context} {known}' }),
  },
  calls: '1 + most',
  rounds: '1 + most',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over q, a of D(q | x) prod H_i(a_i | x, q_i, a) H(y | x, q, a)',
    why: 'each part is one draw given the ones it refers to; that the parts are easier is a rule of thumb',
  }),
  check: ({ handlers = [], tags }) =>
    tagsIn(tags).length === handlers.length
      ? undefined
      : { option: 'tags', rule: `must name each of the ${handlers.length} handlers, separated by commas` },
  async run(base, request, context, { most, decomposer = base, handlers = [], tags, ...wording }, last) {
    const named = tagsIn(tags);
    const splitting = promptFor(decomposer, 'decomposedPrompting.split', wording.split, SPLIT);
    const asked = askedIn(request);
    const telling = { ...asked, handlers: named.join(', ') };
    const list = await put(decomposer, request, fork(context, 'split'), splitting, telling);
    const parts = partsIn(list, most, 'decomposedPrompting', context).map((item) => {
      const { name: tag, item: part } = namedItem(item);
      const at = named.indexOf((tag ?? '').toLowerCase());
      if (tag !== undefined && at === -1) context.ledger.warn(unknownTag(tag));
      return { part, handler: handlers[at] ?? base };
    });
    const end = parts.at(-1);
    if (!end) return last(base, request, fork(context, 'whole'));

    const answers: Promise<Known>[] = [];
    const answer = async (i: number, { part: asIs, handler }: Part, inner: typeof context): Promise<Known> => {
      const needed = new Map<number, Known>();
      for (const at of referencesOf(asIs, i)) needed.set(at, await (answers[at] as Promise<Known>));
      const part = filled(
        asIs,
        parts.map((_, at) => needed.get(at)?.answer),
      );
      const putting = promptFor(handler, 'decomposedPrompting.part', wording.part, PART);
      const said = { ...asked, part, known: shown([...needed.values()]) };
      const { sample, text } = await put(handler, request, fork(inner, `part/${i}`), putting, said);
      progress(context, `${part} ${text}`);
      return { part, answer: answerOf(sample, text, request) };
    };
    const open = parts.slice(0, -1);
    const known =
      open.length === 0
        ? []
        : await gather(
            context,
            open.map((one, i) => (inner) => (answers[i] = answer(i, one, inner))),
          );
    const ending = promptFor(end.handler, 'decomposedPrompting.whole', wording.whole, WHOLE);
    const slots = await Promise.all(
      answers.map((one) =>
        one.then(
          ({ answer }) => answer,
          () => undefined,
        ),
      ),
    );
    const said = ending.say({ ...asked, part: filled(end.part, slots), known: shown(known) });
    const closing = { ...request, prompt: withQuestion(request.prompt, said) };
    return annotate(await last(end.handler, closing, fork(context, 'whole')), { parts: parts.length });
  },
});

interface Part {
  readonly part: string;
  readonly handler: Model;
}
type SplitParts = Asked & { readonly handlers: string };

const tagsIn = (tags: string): readonly string[] =>
  tags
    .split(',')
    .map((tag) => tag.trim().toLowerCase())
    .filter(Boolean);
const unknownTag = (tag: string) => ({
  code: 'unknown-tag',
  message: `decomposedPrompting: no handler is called "${tag}", so the base answers. Name it in \`tags\`, or leave it out of the prompt.`,
});

export const SPLIT = ({ question, handlers }: SplitParts): string =>
  `Do not answer the task below yet. Split it into simple questions whose answers are enough to answer it. Write #1 where the answer to question 1 is needed. The last one is the question that closes the task.${handlers && ` Where one of these should answer a question, start it with the name in brackets: ${handlers}.`} Reply with nothing but the numbered list, one question a line, such as\n1. ${handlers ? `[${handlers.split(',')[0]}] ` : ''}...\n2. ... #1 ...\n\n${question}`;
