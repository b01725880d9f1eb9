import {
  inProse,
  annotate,
  attempt,
  drawOne,
  fork,
  hostPart,
  option,
  progress,
  promptFor,
  questionOf,
  technique,
  textOf,
  user,
  withQuestion,
  type Context,
  type Found,
  type Model,
  type Parts,
  type Prompt,
  type Request,
} from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import { between, endOf } from '../../core/reading/index.ts';
import { checkPlace, PLACE, placeOf } from '../shared/namespace.ts';
import { noteId, textIn } from '../shared/notes.ts';

/**
 * The model keeps notes for itself and rewrites them at every question: m is the cheatsheet, Q writes it.
 *
 *     P'(y | x) = Σ_m P(m | what was asked before) P(y | x, m)
 *     cumulative:  y ~ P(· | x, m),    m' ~ Q(· | m, x, y)
 *     retrieval:   m' ~ Q(· | m, x, the k nearest (x_i, y_i)),    y ~ P(· | x, m')
 *
 * With nothing remembered yet, y ~ P(· | x). No feedback and no gold answer is used. It helps over many questions of one
 * kind, where what was worked out once can be used again; it hurts where an early error enters the sheet and is believed
 * ever after. Questions change what later ones see: ask one after another for a result that can be repeated.
 *
 * Cost: 2 calls, one after the other (1 in `retrieval` while nothing is remembered). At a budget's limit the sheet stays.
 * Errors: HostMissing without a memory. Source: Suzgun et al., "Dynamic cheatsheet: test-time learning with adaptive
 * memory", 2025 (DC-Cu and DC-RS).
 */
export const dynamicCheatsheet = technique({
  name: 'dynamicCheatsheet',
  room: 'remember',
  summary: 'the model keeps and rewrites notes of its own across questions',
  paper: 'Suzgun et al., 2025',
  options: {
    ...PLACE,
    variant: option.oneOf(['cumulative', 'retrieval'], { doc: 'what the sheet is made from', default: 'cumulative' }),
    k: option.integer({ doc: 'earlier answers shown to the curator by retrieval', min: 1, default: 3 }),
    curator: option.model({ doc: 'the model that writes the sheet; the base itself if left out', optional: true }),
    curate: option.prompt(['question', 'sheet', 'answer', 'examples'], { doc: 'how a new sheet is asked for' }),
    answer: option.prompt(['question', 'notes'], { doc: 'how sheet and question are put to the base' }),
  },
  calls: '2',
  rounds: '2',
  semantics: ({ variant }) => ({
    kind: 'exact',
    target: variant === 'cumulative' ? 'P(y | x, m)' : "sum over m' of Q(m' | m, x, nearest) P(y | x, m')",
    why: 'draws given what is remembered; that the sheet gets better is a rule of thumb',
  }),
  check: checkPlace,
  async run(base, request, context, { variant, k, curator = base, curate, answer, ...place }) {
    const memory = hostPart(context, 'dynamicCheatsheet', 'memory');
    const curating = promptFor(curator, 'dynamicCheatsheet.curate', curate, CURATE);
    const answering = promptFor(base, 'dynamicCheatsheet.answer', answer, ANSWER);
    const [sheets, past] = ['cheatsheet', 'answers'].map((part) => placeOf(request, place, part)) as [string, string];
    const question = questionOf(request.prompt);
    const before = (await stoppable(memory.list(sheets, [SHEET]), context.signal))[0]?.text ?? '';
    const rewrite = async (parts: { readonly answer: string; readonly examples: string }): Promise<string> => {
      const at = fork(context, 'curate');
      const work = written(curator, request, curating, { question, sheet: before || NONE, ...parts }, at);
      return (await attempt(context, work)) ?? before;
    };
    const keep = async (sheet: string): Promise<void> => {
      const note = { id: SHEET, text: sheet };
      if (sheet !== before) await attempt(context, stoppable(memory.put(sheets, [note], context), context.signal));
    };
    let sheet = before;
    if (variant === 'retrieval') {
      const nearest = await stoppable(memory.search(past, question, k, context), context.signal);
      if (nearest.length > 0) sheet = await rewrite({ answer: '', examples: nearest.map(shown).join('\n\n') });
      await keep(sheet);
    }
    for (const line of sheet.split('\n').filter(Boolean)) progress(context, `cheatsheet: ${line}`);
    const prompt =
      sheet === '' ? request.prompt : withQuestion(request.prompt, answering.say({ question, notes: sheet }));
    const sample = await drawOne(base, { ...request, prompt }, fork(context, 'answer'));
    const text = textOf(sample.content);
    if (variant === 'retrieval') {
      const note = { id: noteId(question, text), text: question, data: { answer: text } };
      await attempt(context, stoppable(memory.put(past, [note], context), context.signal));
    } else {
      sheet = await rewrite({ answer: text, examples: shown({ text: question, data: { answer: text } }) });
      await keep(sheet);
    }
    return annotate(sample, { cheatsheet: sheet });
  },
});

const SHEET = 'cheatsheet';
const NONE = '(empty)';

/** A new sheet, or the old one where the curator wrote none in the form asked for. */
async function written(
  curator: Model,
  request: Request,
  { say, read }: Prompt<Curated & Parts>,
  parts: Curated & Parts,
  at: Context,
): Promise<string> {
  const open = inProse(request); // a sheet is prose
  const { content } = await drawOne(curator, { ...open, prompt: [user(say(parts))] }, at);
  const reply = read(textOf(content));
  const sheet = between(reply, 'cheatsheet');
  if (sheet !== undefined) return sheet;
  at.ledger.warn({
    code: 'no-cheatsheet',
    message: `dynamicCheatsheet: ${curator.name} wrote no <cheatsheet>, so the old one stays: its reply ends ${endOf(reply)}`,
  });
  return parts.sheet === NONE ? '' : parts.sheet;
}

function shown(note: Pick<Found, 'text' | 'data'>): string {
  return `Question: ${note.text}\nAnswer: ${textIn({ id: '', ...note }, 'answer') ?? ''}`;
}

type Curated = {
  readonly question: string;
  readonly sheet: string;
  readonly examples: string;
};
export const CURATE = ({ question, sheet, examples }: Curated): string =>
  `You keep a cheatsheet: short notes that help to answer questions like these.\n\nThe cheatsheet now:\n${sheet}\n\nQuestions and answers given (the answers may be wrong):\n${examples}\n\nThe question at hand:\n${question}\n\nRewrite the cheatsheet so that it helps with this question and later ones: keep what is useful and general, add what was learned, leave out what is wrong or said twice. Put the whole new cheatsheet between <cheatsheet> and </cheatsheet>.`;
export const ANSWER = ({ question, notes }: { readonly question: string; readonly notes: string }): string =>
  `Notes you made on earlier questions:\n${notes}\n\nUse what helps in them, and answer the question.\n\n${question}`;
