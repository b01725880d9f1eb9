/** What a tree of thoughts is made of: thoughts, and how a model is asked for next steps and for what thoughts are worth. */
import {
  attempt,
  drawOne,
  fork,
  gather,
  inProse,
  promptFor,
  questionOf,
  textOf,
  withQuestion,
  type Context,
  type Model,
  type Request,
  type Sample,
  type Warning,
} from '../../core/index.ts';
import { endOf, linesWithoutMarks, preferenceIn, wordIn } from '../../core/reading/index.ts';

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

/** The question, without a step. */
export function firstThought({ prompt }: Request): Thought {
  const question = questionOf(prompt);
  return { question, steps: [], state: question };
}

/** What a thought becomes with one more step. */
export function withStep(thought: Thought, proposal: Proposal): Thought {
  const { step, state } = typeof proposal === 'string' ? { step: proposal, state: undefined } : proposal;
  const steps = [...thought.steps, step];
  return { ...thought, steps, state: state ?? LEFT.exec(step.trimEnd())?.[1]?.trim() ?? steps.join('\n') };
}
const LEFT = /\(left:([^()]*)\)$/i;

/** The steps of a thought, one a line. */
export const stepsOf = ({ steps }: Thought): string => steps.join('\n');

/** A thought as prompts tell of it. */
export const partsOf = (thought: Thought) => ({
  question: thought.question,
  state: thought.state,
  steps: stepsOf(thought),
});
export type Parts = ReturnType<typeof partsOf>;

/** A thought as a scorer is shown it: its steps. */
export const sampleOf = (thought: Thought): Sample => ({
  content: [{ type: 'text', text: stepsOf(thought) }],
  finish: { unified: 'other', raw: 'thought' },
  weight: 1,
  semantics: { kind: 'heuristic', target: 'a path of a tree of thoughts', why: 'steps are chosen by their values' },
});

/** Several next steps in one reply. */
export async function propose(
  { base, request, wording }: Asking,
  thought: Thought,
  at: Context,
  { count, read = oneALine }: { readonly count: number; readonly read?: ReadProposals | undefined },
): Promise<readonly Proposal[]> {
  const asking = promptFor(base, 'treeOfThoughts.propose', wording.propose, PROPOSE);
  const said = asking.say({ ...partsOf(thought), count: String(count) });
  const { content } = await drawOne(base, forProse(request, said), fork(at, 'propose'));
  return read(asking.read(textOf(content)), thought).slice(0, count);
}

/** One proposal a line; bullets, numbers and blank lines are left out. */
const oneALine: ReadProposals = linesWithoutMarks;

/** One next step a reply, `count` replies. */
export async function sampleNext(
  { base, request, wording }: Asking,
  thought: Thought,
  at: Context,
  count: number,
): Promise<readonly Proposal[]> {
  const asking = promptFor(base, 'treeOfThoughts.next', wording.next, NEXT);
  const asked = { ...forProse(request, asking.say(partsOf(thought))), n: count };
  const { samples } = await base.sample(asked, fork(at, 'next'));
  return samples.map(({ content }) => asking.read(textOf(content)).trim()).filter(Boolean);
}

/** What each thought is worth by itself: the sum of what `votes` verdicts on it count. */
export async function valueEach(
  { base, request, wording }: Asking,
  thoughts: readonly Thought[],
  at: Context,
  votes: number,
): Promise<readonly number[]> {
  const asking = promptFor(base, 'treeOfThoughts.value', wording.value, VALUE);
  const tasks = thoughts.map((thought, i) => async (inner: Context) => {
    const asked = { ...forProse(request, asking.say(partsOf(thought))), n: votes };
    const found = await attempt(inner, base.sample(asked, fork(inner, `value/${i}`)));
    const replies = found?.samples.map(({ content }) => asking.read(textOf(content)));
    const verdicts = replies?.map(verdictOf);
    for (const [at, reply] of replies?.entries() ?? [])
      if (verdicts?.[at] === undefined) inner.ledger.warn(noVerdict(reply));
    return [i, verdicts?.reduce<number>((sum, one) => sum + (one ?? 0), 0) ?? Number.NaN] as const;
  });
  const each = { models: [base], request, draws: votes };
  const known = new Map(await gather(at, tasks, { each }));
  return thoughts.map((_, i) => known.get(i) ?? Number.NaN);
}

/** What each thought is worth beside the others: how many of `votes` replies prefer it. */
export async function voteBetween(
  { base, request, wording }: Asking,
  thoughts: readonly Thought[],
  at: Context,
  votes: number,
): Promise<readonly number[]> {
  const asking = promptFor(base, 'treeOfThoughts.vote', wording.vote, VOTE);
  const choices = thoughts.map((thought, i) => `Choice ${i + 1}:\n${stepsOf(thought)}`).join('\n\n');
  const { question } = thoughts[0] as Thought;
  const asked = { ...forProse(request, asking.say({ question, choices })), n: votes };
  const found = await attempt(at, base.sample(asked, fork(at, 'vote')));
  const picks = (found?.samples ?? []).map(({ content }) => {
    const reply = asking.read(textOf(content));
    const pick = preferenceIn(reply, { count: thoughts.length, by: 'number' });
    if (pick === undefined) at.ledger.warn(noVerdict(reply));
    return pick;
  });
  return thoughts.map((_, i) => (found ? picks.filter((pick) => pick === i).length : Number.NaN));
}

/** What the three verdicts count for in the paper: one "sure" outweighs any number of "likely". */
const VERDICTS = { sure: 20, likely: 1, impossible: 0.001 } as const;
function verdictOf(reply: string): number | undefined {
  const word = wordIn(reply, ['sure', 'likely', 'impossible']);
  return word && VERDICTS[word];
}
const noVerdict = (reply: string): Warning => ({
  code: 'no-verdict',
  message: `treeOfThoughts: a reply holds no verdict in the form asked for, and counts 0: it ends ${endOf(reply)}. Reword \`value\` or \`vote\`.`,
});

/** The request with another question; what it asks for in prose has no format and no tools, whatever the answer is to have. */
const forProse = (request: Request, text: string): Request =>
  inProse({ ...request, prompt: withQuestion(request.prompt, text) });

/** What every prompt begins with. */
const soFar = ({ question, state, steps }: Parts): string =>
  `Task:\n${question}\n\nSteps so far:\n${steps || '(none)'}${steps && state !== steps ? `\n\nWhat is left:\n${state}` : ''}`;
export const PROPOSE = ({ count, ...parts }: Parts & { readonly count: string }): string =>
  `${soFar(parts)}\n\nPropose up to ${count} different next steps. Write each on a line of its own and nothing else, and end each line with what is left after it, like this: (left: ...)`;
export const NEXT = (parts: Parts): string => `${soFar(parts)}\n\nWrite the next step only.`;
export const VALUE = (parts: Parts): string =>
  `${soFar(parts)}\n\nCan the task still be solved from here? Think briefly, and end with one word on a line of its own: sure, likely or impossible.`;
export const VOTE = ({ question, choices }: { readonly question: string; readonly choices: string }): string =>
  `Task:\n${question}\n\nHere are beginnings of a solution.\n\n${choices}\n\nWhich is the most promising? Think briefly, and end with the number of the best choice on a line of its own.`;
