import {
  annotate,
  attempt,
  drawOne,
  draftAt,
  fork,
  hostPart,
  option,
  progress,
  promptFor,
  questionOf,
  technique,
  textOf,
  withQuestion,
  type Context,
  type Memory,
} from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import { checkPlace, PLACE, placeOf } from '../shared/namespace.ts';
import { noteId, noteText } from '../shared/notes.ts';

/**
 * Looks up what was said after similar questions, and puts it before the question.
 *
 *     P'(y | x) = P(y | x, m_1 … m_k)      m: the feedback kept with the k questions nearest to x; none: P(y | x)
 *
 * `remember` keeps feedback. With `corrections` the person is asked after each answer (`host.respond`): what they say is
 * kept, and the question is answered again with it; an empty reply ends it. It helps where the same misunderstanding
 * comes back in other words, and hurts where the nearest question is a different one: `similarity` keeps such notes out.
 *
 * Cost: 1 call, and at most `corrections` more, one after the other. At a budget's limit: the last answer.
 * Errors: HostMissing without a memory, or without a person where `corrections` asks for one.
 * Source: Madaan et al., "Memory-assisted prompt editing to improve GPT-3 after deployment", 2022.
 */
export const memPrompt = technique({
  name: 'memPrompt',
  room: 'remember',
  summary: 'put feedback on similar questions before the question',
  paper: 'Madaan et al., 2022',
  options: {
    ...PLACE,
    k: option.integer({ doc: 'notes put before the question, at most', min: 1, default: 1 }),
    similarity: option.number({ doc: 'how alike a kept question must be, as a cosine', min: -1, max: 1, default: 0 }),
    corrections: option.integer({ doc: 'how often the person may correct the answer', min: 0, default: 0 }),
    answer: option.prompt(['question', 'notes'], { doc: 'how notes and question are put to the base' }),
  },
  calls: '1 + corrections',
  rounds: '1 + corrections',
  semantics: ({ k }) => ({
    kind: 'exact',
    target: `P(y | x, the ${k} nearest notes)`,
    why: 'one draw; that what is near is to the point is a rule of thumb',
  }),
  check: checkPlace,
  async run(base, request, context, { k, similarity, corrections, answer, ...place }) {
    const memory = hostPart(context, 'memPrompt', 'memory');
    const respond = corrections > 0 ? hostPart(context, 'memPrompt', 'respond') : undefined;
    const wording = promptFor(base, 'memPrompt.answer', answer, ANSWER);
    const namespace = placeOf(request, place);
    const question = questionOf(request.prompt);
    const found = await stoppable(memory.search(namespace, question, k, context), context.signal);
    let notes = found.filter((note) => (note.similarity ?? 1) >= similarity).map(noteText);
    const asked = () =>
      notes.length === 0
        ? request
        : { ...request, prompt: withQuestion(request.prompt, wording.say({ question, notes: notes.join('\n') })) };
    for (const note of notes) progress(context, `remembered: ${note}`);
    let current = await drawOne(base, asked(), draftAt(context, 'answer'));
    let made = 0;
    while (made < corrections) {
      const at = fork(context, `correction/${made + 1}`);
      const heard = respond?.(CORRECT(textOf(current.content)), at) ?? Promise.resolve('');
      const feedback = (await attempt(context, stoppable(heard, context.signal)))?.trim() ?? '';
      if (feedback === '') break;
      const kept = remember(memory, namespace, question, feedback, context);
      await attempt(context, stoppable(kept, context.signal));
      notes = [...notes, feedback.replaceAll(/\s+/g, ' ')];
      const again = await attempt(context, drawOne(base, asked(), fork(at, 'answer')));
      if (again === undefined) break;
      current = again;
      made++;
    }
    return annotate(current, { notes, corrections: made });
  },
});

/**
 * Keeps what a person said about the answer to a question, to be found when a similar question is asked. The namespace
 * is `namespaceOf({ user })` for the notes of one user. The same feedback on the same question is kept once.
 */
export async function remember(
  memory: Memory,
  namespace: string,
  question: string,
  feedback: string,
  context?: Context,
): Promise<void> {
  await memory.put(namespace, [{ id: noteId(question, feedback), text: question, data: { feedback } }], context);
}

export const ANSWER = ({ question, notes }: { readonly question: string; readonly notes: string }): string =>
  `Notes from earlier conversations:\n${notes.replaceAll(/^/gm, '- ')}\n\nAnswer the question; where a note bears on it, follow the note.\n\n${question}`;
const CORRECT = (answer: string): string => `${answer}\n\nWhat should be different? An empty reply accepts the answer.`;
