import {
  shownAs,
  annotate,
  assistant,
  attempt,
  drawOne,
  draftAt,
  fork,
  NoCandidates,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  writtenOf,
  type Context,
  type Message,
  type Model,
  type Options,
  type Request,
  type Sample,
  type Warning,
} from '../../core/index.ts';

const OPTIONS = {
  minTokens: option.integer({ doc: 'tokens of thinking, at least', min: 0, default: 256 }),
  maxTokens: option.integer({ doc: 'tokens of thinking, at most', min: 1, default: 4096 }),
  waits: option.integer({ doc: 'times it is made to go on, at most', min: 0, default: 2 }),
  answerTokens: option.integer({ doc: 'tokens of an answer that is forced, at most', min: 1, default: 256 }),
  wait: option.prompt([], { doc: 'what is written to go on', bare: true }),
  final: option.prompt([], { doc: 'what is written to force the answer', bare: true }),
  again: option.prompt(['question', 'draft'], { doc: 'how a chat model is asked to go on', bare: true }),
  finish: option.prompt(['question', 'draft'], { doc: 'how a chat model is asked for its answer', bare: true }),
};

/**
 * Makes thinking as long as wanted. A text that ends before `minTokens` is written on after "Wait", at most `waits` times;
 * one that reaches `maxTokens` is cut there and written on after "Final answer:".
 *
 *     P'(y_T) = Σ over y_0 … y_T-1 of P(y_0 | x) Π_t P(y_t+1 | x, y_t "Wait")          T: the first t with minTokens or more
 *
 * Where the base cannot continue a text, what is written to go on is said as a turn, the last turn is the answer, and a
 * warning says so. Tokens are those the base reports, all of a call's output; where it reports none, four characters
 * count as one, and a warning says so too. It helps models that check themselves when they go on, and hurts those that
 * argue themselves out of a right answer.
 *
 * Cost: 1 call, 2 + `waits` at most, one after the other. At a budget's limit: the text so far.
 * Source: Muennighoff et al., "s1: simple test-time scaling", 2025.
 */
export const budgetForcing = technique({
  name: 'budgetForcing',
  room: 'iterate',
  summary: 'think on until a number of tokens, cut at another',
  paper: 'Muennighoff et al., 2025',
  options: OPTIONS,
  calls: '2 + waits',
  rounds: '2 + waits',
  semantics: ({ minTokens, maxTokens, waits }) => ({
    kind: 'exact',
    target: `P continued up to ${waits} times until ${minTokens} tokens, cut at ${maxTokens}`,
    why: 'each piece is one draw given the text before; that more thinking is better is a rule of thumb',
  }),
  check: ({ minTokens, maxTokens }) =>
    minTokens > maxTokens ? { option: 'minTokens', rule: `must not be above maxTokens (${maxTokens})` } : undefined,
  async run(base, request, context, options) {
    const { minTokens, maxTokens, waits, answerTokens } = options;
    const goOn = base.continueFrom ? continuing(base, request, options) : asTurns(base, request, context, options);
    /** What is left of a number of tokens, and of those the request allows. */
    const left = (most: number): number => Math.min(most, (request.maxOutputTokens ?? Infinity) - tokens);
    let tokens = 0;
    let current = await drawOne(base, { ...request, maxOutputTokens: left(maxTokens) }, draftAt(context, 'think'));
    tokens += tokensOf(current, '', context);
    let waited = 0;
    let forced = false;
    while (!forced && !current.content.some(({ type }) => type === 'tool-call')) {
      const cut = current.finish.unified === 'length';
      forced = cut && tokens >= maxTokens;
      const most = left(forced ? answerTokens : maxTokens - tokens);
      if (most < 1 || (!forced && (cut || tokens >= minTokens || waited === waits))) break;
      const at = fork(context, forced ? 'answer' : `round/${waited + 1}`);
      const longer = await attempt(context, goOn(current, forced, most, at));
      if (longer === undefined) break;
      tokens += tokensOf(longer, base.continueFrom ? writtenOf(current) : '', context);
      current = longer;
      if (!forced) waited++;
      progress(context, `${forced ? 'answer forced' : `wait ${waited} of ${waits}`}: ${tokens} tokens`);
    }
    return annotate(current, { waits: waited, forced, tokens });
  },
});

/** Writes on: to think further, or to answer at last. */
type GoOn = (current: Sample, forced: boolean, maxOutputTokens: number, at: Context) => Promise<Sample>;

function continuing(base: Model, request: Request, wording: Options<typeof OPTIONS>): GoOn {
  const wait = promptFor(base, 'budgetForcing.wait', wording.wait, WAIT);
  const final = promptFor(base, 'budgetForcing.final', wording.final, FINAL);
  return async (current, forced, maxOutputTokens, at) => {
    const prefix = `${writtenOf(current).trimEnd()}\n${(forced ? final : wait).say({})}`;
    const sampled = await base.continueFrom?.({ ...request, n: 1, maxOutputTokens }, prefix, at);
    const [sample] = sampled?.samples ?? [];
    if (!sample) throw new NoCandidates({ technique: 'budgetForcing', why: 'nothing was written on' });
    return sample;
  };
}

function asTurns(base: Model, request: Request, context: Context, wording: Options<typeof OPTIONS>): GoOn {
  const again = promptFor(base, 'budgetForcing.again', wording.again, AGAIN);
  const finish = promptFor(base, 'budgetForcing.finish', wording.finish, FINISH);
  const question = questionOf(request.prompt);
  let said: readonly Message[] = request.prompt;
  return (current, forced, maxOutputTokens, at) => {
    context.ledger.warn(AS_TURNS);
    const draft = shownAs(current);
    said = saying(forced ? finish : again, { question, draft }, request.prompt, [...said, assistant(draft)]);
    return drawOne(base, { ...request, prompt: said, maxOutputTokens }, at);
  };
}

/** Output tokens of a call that wrote on after `before`. */
function tokensOf(sample: Sample, before: string, context: Context): number {
  const { usage } = sample;
  if (usage?.outputTokens !== undefined) return usage.outputTokens;
  context.ledger.warn(UNCOUNTED);
  return Math.ceil((writtenOf(sample).length - before.length) / 4);
}

const AS_TURNS: Warning = {
  code: 'no-continuation',
  message: 'budgetForcing: the base cannot continue a text, so it is asked to go on in further turns.',
};
const UNCOUNTED: Warning = {
  code: 'tokens-unknown',
  message: 'budgetForcing: the base does not report its tokens, so four characters count as one.',
};

export const WAIT = (): string => 'Wait';
export const FINAL = (): string => 'Final answer:';
export const AGAIN = (): string =>
  `Wait. Think about it further before you settle on this: check your steps, and consider what you may have missed. Then answer again, in the form the task asks for.`;
export const FINISH = (): string => `There is no time to think further. Give your final answer now, and nothing else.`;
