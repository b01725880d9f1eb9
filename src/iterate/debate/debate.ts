import {
  shownAs,
  annotate,
  assistant,
  attempt,
  drawOne,
  answersOf,
  extractAnswer,
  fork,
  gather,
  leader,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  tally,
  technique,
  votesOf,
  type Message,
  type Model,
  type Sample,
  type Warning,
} from '../../core/index.ts';

/**
 * Agents answer side by side; in each further round every agent sees the answers of the others, unnamed, and answers
 * again. The answer that most agents end with is kept; a tie goes to the first agent.
 *
 *     P'(a) = Σ over all rounds of Π_r Π_i P_i(y_i,r | x, own answers, {y_j,r-1 : j ≠ i}) [a leads among y_1,R … y_n,R]
 *
 * With `models`, the agents speak with the base and with these in turn. An agent without an answer abstains; where all do,
 * the first one's text is returned with a warning. It helps where a right argument convinces better than a wrong one,
 * and hurts where agents yield to the majority. A vote over as many independent draws costs the same.
 *
 * Cost: `agents` · `rounds` calls in `rounds` rounds. At a budget's limit: the vote over the answers that stand.
 * Source: Du et al., "Improving factuality and reasoning in language models through multiagent debate", 2023.
 */
export const debate = technique({
  name: 'debate',
  room: 'iterate',
  summary: 'agents answer, see the others, answer again, and vote',
  paper: 'Du et al., 2023',
  options: {
    agents: option.integer({ doc: 'agents', min: 1, default: 3 }),
    rounds: option.integer({ doc: 'answers of each agent, the first included', min: 1, default: 2 }),
    models: option.models({ doc: 'models that speak for agents in turn with the base', optional: true }),
    extract: option.answer({ doc: 'what an answer is and how it is read', default: 'auto' }),
    reply: option.prompt(['question', 'draft', 'answers'], { doc: 'how the answers of the others are put' }),
  },
  calls: 'agents*rounds',
  rounds: 'rounds',
  semantics: ({ agents, rounds }) => ({
    kind: 'exact',
    target: `the majority of ${agents} agents after ${rounds} rounds`,
    why: 'each answer is one draw given the round before; that a debate ends with the better answer is a rule of thumb',
  }),
  async run(base, request, context, { agents, rounds, models = [], extract, reply }) {
    const speakers = [base, ...models];
    const question = questionOf(request.prompt);
    const turns = Array.from({ length: agents }, (_, agent): Turn => {
      return { agent, model: speakers[agent % speakers.length] as Model, prompt: request.prompt };
    });
    /** One round: all turns side by side. What a budget or a failure takes away is left out. */
    const speak = (round: number, all: readonly Turn[]): Promise<Answered[]> =>
      gather(
        context,
        all.map((turn) => async (inner) => {
          const at = fork(fork(inner, `round/${round}`), `agent/${turn.agent}`);
          const sample = await drawOne(turn.model, { ...request, prompt: turn.prompt }, at);
          const answer = extractAnswer(sample, request, extract);
          progress(context, `round ${round} of ${rounds}, agent ${turn.agent + 1}: ${answer ?? 'no answer'}`);
          return { ...turn, sample };
        }),
      );
    /** The turn of an agent that has heard the others. */
    const hearing = (one: Answered, all: readonly Answered[]): Turn => {
      const others = all.filter(({ agent }) => agent !== one.agent).map(({ sample }) => shownAs(sample));
      const answers = others.map((text, i) => `Answer ${i + 1}:\n${text}`).join('\n\n');
      const draft = shownAs(one.sample);
      const wording = promptFor(one.model, 'debate.reply', reply, REPLY);
      const said = [...one.prompt, assistant(draft)];
      return { ...one, prompt: saying(wording, { question, draft, answers }, request.prompt, said) };
    };
    let standing = await speak(1, turns);
    for (let round = 2; round <= rounds && standing.length > 1; round++) {
      const all = standing;
      const spoken = await attempt(
        context,
        speak(
          round,
          all.map((one) => hearing(one, all)),
        ),
      );
      if (spoken === undefined) break;
      standing = all.map((one) => spoken.find(({ agent }) => agent === one.agent) ?? one);
    }
    const classes = tally(
      answersOf(
        standing.map(({ sample }) => sample),
        request,
        extract,
      ),
    );
    const winner = leader(classes);
    const { sample } = standing[winner?.first ?? 0] as Answered;
    if (!winner) context.ledger.warn(NO_ANSWER);
    return annotate({ ...sample, answer: winner?.answer ?? null }, { ...votesOf(classes), agents: standing.length });
  },
});

/** What is said to an agent next. */
interface Turn {
  readonly agent: number;
  readonly model: Model;
  readonly prompt: readonly Message[];
}
interface Answered extends Turn {
  readonly sample: Sample;
}

const NO_ANSWER: Warning = {
  code: 'no-answer',
  message: 'debate: no agent has a final answer: the first is returned. Ask for one in the prompt, or set `extract`.',
};

export const REPLY = ({ answers }: { readonly answers: string }): string =>
  `Others answered the same task, each on their own:\n\n${answers}\n\nWhere they disagree with you, find out who is right and why. Then answer the task again, in the form it asks for.`;
