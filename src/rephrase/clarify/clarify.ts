import {
  annotate,
  canonicalJson,
  drawOne,
  draftAt,
  fork,
  option,
  progress,
  promptFor,
  questionOf,
  technique,
  withQuestion,
  type Context,
  type Warning,
} from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { endOf, labelled, saysFirst } from '../../core/reading/index.ts';
import { askPerson, isAttended } from './ask-person.ts';

/**
 * Asks the person back where the question can be meant in ways that lead to different answers, and answers with the
 * replies at hand. Where nobody can be asked (no `respond` in the host), it states how it reads the question and goes on.
 *
 *     P'(y | x) = Σ over q of Q(q | x) P(y | x, q, h(q))                       h: the person
 *     P'(y | x) = Σ over r of Q(r | x) P(y | x, r)                             without a person: a reading
 *
 * Q decides in one line: `ASK:` and a question, or `READING:` and a reading, or `CLEAR`. The same question is put
 * once, however many candidates are drawn side by side. It helps where a question leaves open what only the person knows,
 * and costs a call where it does not.
 *
 * Cost: 1 + `rounds` calls, one after the other, and as many questions to the person at most; 2 calls without a person.
 * Source: Kuhn et al., "CLAM: selective clarification for ambiguous questions", 2022.
 */
export const clarify = technique({
  name: 'clarify',
  room: 'rephrase',
  summary: 'ask the person back where the question is unclear',
  paper: 'Kuhn et al., 2022',
  options: {
    rounds: option.integer({ doc: 'questions to the person, at most', min: 1, default: 1 }),
    asker: option.model({ doc: 'the model that decides; the base itself if left out', optional: true }),
    decide: option.prompt(['question', 'known'], { doc: 'how it is decided whether to ask' }),
    read: option.prompt(['question'], { doc: 'how a reading is asked for where there is no person' }),
    answer: option.prompt(['question', 'known'], { doc: 'how the question is put in the end' }),
  },
  calls: '1 + rounds',
  rounds: '1 + rounds',
  semantics: () => ({
    kind: 'exact',
    target: 'sum over q of Q(q | x) P(y | x, q, the reply to q)',
    why: 'each step is one draw given the replies; that they are what was needed is a rule of thumb',
  }),
  async run(base, request, context, { rounds, asker = base, ...wording }) {
    const answering = promptFor(base, 'clarify.answer', wording.answer, ANSWER);
    const question = questionOf(request.prompt);
    const { host } = context;
    const heard: Exchange[] = [];
    let reading: string | undefined;
    if (isAttended(host)) {
      const deciding = promptFor(asker, 'clarify.decide', wording.decide, DECIDE);
      const about = canonicalJson(request.prompt);
      while (heard.length < rounds) {
        const at = fork(context, `round/${heard.length + 1}`);
        const parts = { question, known: heard.length > 0 ? ASKED + shown(heard) : '' };
        const { text } = await put(asker, request, fork(at, 'decide'), deciding, parts);
        const asked = lineOf('ASK', text, context);
        if (asked === undefined || heard.some((one) => same(one.asked, asked))) break;
        const reply = await askPerson(host, about, asked, fork(at, 'person'));
        progress(context, `asked: ${asked} ${reply}`);
        heard.push({ asked, reply: reply.trim() || NO_REPLY });
      }
    } else {
      const stating = promptFor(asker, 'clarify.read', wording.read, READ);
      const { text } = await put(asker, request, fork(context, 'decide'), stating, { question });
      reading = lineOf('READING', text, context);
      if (reading !== undefined) context.ledger.warn(NOBODY);
      progress(context, reading === undefined ? 'clear' : `read as: ${reading}`);
    }
    const known = reading === undefined ? shown(heard) : AS_READ + reading;
    const prompt = known === '' ? request.prompt : withQuestion(request.prompt, answering.say({ question, known }));
    const sample = await drawOne(base, { ...request, prompt }, draftAt(context, 'answer'));
    return annotate(sample, { asked: heard.map(({ asked }) => asked), ...(reading !== undefined && { reading }) });
  },
});

interface Exchange {
  readonly asked: string;
  readonly reply: string;
}
const shown = (heard: readonly Exchange[]): string =>
  heard.map(({ asked, reply }) => `Q: ${asked}\nA: ${reply}`).join('\n');

/** What stands behind `ASK:` or `READING:`; nothing where it says CLEAR, or, with a warning, none of the two. */
function lineOf(mark: 'ASK' | 'READING', reply: string, { ledger }: Context): string | undefined {
  const found = labelled(reply, mark);
  if (found === undefined && !saysFirst(reply, 'CLEAR')) ledger.warn(noDecision(reply));
  return found;
}

/** The same question, whatever its capitals and marks. */
function same(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return plain(a) === plain(b);
}

const NOBODY: Warning = {
  code: 'nobody-to-ask',
  message:
    'clarify: the question is unclear and nobody can be asked, so it is read as seems most likely. Pass `host: { respond }`.',
};
const noDecision = (reply: string): Warning => ({
  code: 'no-decision',
  message: `clarify: it was not decided in the form asked for, so the question counts as clear: the reply ends ${endOf(reply)}`,
});
const NO_REPLY = '(no reply)';
const ASKED = '\n\nAsked already:\n';
const AS_READ = 'Read as: ';

export const DECIDE = ({ question, known }: { readonly question: string; readonly known: string }): string =>
  `Could the question below be meant in ways that lead to different answers, or does it leave out something that only the person who asks can know? Reply with one line and nothing else: ASK: and one short question to that person, or CLEAR if it can be answered well as it stands.\n\n${question}${known}`;
export const READ = ({ question }: { readonly question: string }): string =>
  `Could the question below be meant in ways that lead to different answers? Nobody can be asked. Reply with one line and nothing else: READING: and what is most likely meant, or CLEAR if it can be meant in one way only.\n\n${question}`;
export const ANSWER = ({ question, known }: { readonly question: string; readonly known: string }): string =>
  `${question}\n\n${known}`;
