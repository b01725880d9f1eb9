/** What a tree of thoughts is made of: a thought, how new ones come about, and what they are worth. */
import {
  inProse,
  drawOne,
  fork,
  promptFor,
  questionOf,
  textOf,
  withQuestion,
  type Context,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';

/** A partial solution: the steps made, and what is left after them (at the beginning, the question). */
export interface Thought {
  readonly question: string;
  readonly steps: readonly string[];
  readonly state: string;
}
/** A next step, with what is left after it where that is not written in the step itself. */
export type Proposal = string | { readonly step: string; readonly state: string };
export type Expand = (thought: Thought, context: Context) => readonly Proposal[] | Promise<readonly Proposal[]>;
export type ReadProposals = (reply: string, thought: Thought) => readonly Proposal[];

/** The wordings that the caller may have replaced. */
export interface Wording {
  readonly propose?: string | undefined;
  readonly next?: string | undefined;
  readonly value?: string | undefined;
  readonly vote?: string | undefined;
}
/** Who is asked, what about, and in which words. */
export interface Asking {
  readonly base: Model;
  readonly request: Request;
  readonly wording: Wording;
}

export const stepsOf = ({ steps }: Thought): string => steps.join('\n');

/** What a thought becomes with one more step. */
export function further(thought: Thought, proposal: Proposal): Thought {
  const { step, state } = typeof proposal === 'string' ? { step: proposal, state: undefined } : proposal;
  const steps = [...thought.steps, step];
  return { ...thought, steps, state: state ?? LEFT.exec(step.trimEnd())?.[1]?.trim() ?? steps.join('\n') };
}
const LEFT = /\(left:([^()]*)\)$/i;

/** One proposal a line; bullets, numbers and blank lines are left out. */
export const lines: ReadProposals = (reply) =>
  reply
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)](?=\s))\s*/, '').trim())
    .filter(Boolean);

/** Several next steps in one reply. */
export async function propose(
  { base, request, wording }: Asking,
  thought: Thought,
  at: Context,
  { count, read }: { readonly count: number; readonly read: ReadProposals },
): Promise<readonly Proposal[]> {
  const asking = promptFor(base, 'treeOfThoughts.propose', wording.propose, PROPOSE);
  const said = asking.say({ ...partsOf(thought), count: String(count) });
  const { content } = await drawOne(base, prose(request, said), fork(at, 'propose'));
  return read(asking.read(textOf(content)), thought).slice(0, count);
}

/** One next step a reply, `count` replies. */
export async function sampleNext(
  { base, request, wording }: Asking,
  thought: Thought,
  at: Context,
  count: number,
): Promise<readonly Proposal[]> {
  const asking = promptFor(base, 'treeOfThoughts.next', wording.next, NEXT);
  const asked = { ...prose(request, asking.say(partsOf(thought))), n: count };
  const { samples } = await base.sample(asked, fork(at, 'next'));
  return samples.map(({ content }) => asking.read(textOf(content)).trim()).filter(Boolean);
}

/** The request as it was, for the answer: its format and its tools stay. */
export const asQuestion = (request: Request, text: string): Request => ({
  ...request,
  prompt: withQuestion(request.prompt, text),
});
/** A request for prose, whatever form the answer is to have. */
export function prose(request: Request, text: string): Request {
  return asQuestion(inProse(request), text);
}

export const start = ({ prompt }: Request): Thought => ({
  question: questionOf(prompt),
  steps: [],
  state: questionOf(prompt),
});
export const partsOf = (thought: Thought) => ({
  question: thought.question,
  state: thought.state,
  steps: stepsOf(thought),
});
/** A thought as a scorer is shown it: its steps, one a line. */
export const shownAs = (thought: Thought): Sample => ({
  content: [{ type: 'text', text: stepsOf(thought) }],
  finish: { unified: 'other', raw: 'thought' },
  weight: 1,
  semantics: { kind: 'heuristic', target: 'a path of a tree of thoughts', why: 'steps are chosen by their values' },
});

export type Parts = ReturnType<typeof partsOf>;
/** What every prompt begins with. */
export const soFar = ({ question, state, steps }: Parts): string =>
  `Task:\n${question}\n\nSteps so far:\n${steps || '(none)'}${steps && state !== steps ? `\n\nWhat is left:\n${state}` : ''}`;
export const PROPOSE = ({ count, ...parts }: Parts & { readonly count: string }): string =>
  `${soFar(parts)}\n\nPropose up to ${count} different next steps. Write each on a line of its own and nothing else, and end each line with what is left after it, like this: (left: ...)`;
export const NEXT = (parts: Parts): string => `${soFar(parts)}\n\nWrite the next step only.`;
