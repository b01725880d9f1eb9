/** What the techniques that change each token share: a next-token process made of another, and texts drawn from it. */
import {
  decoding,
  openOne,
  printCall,
  stopSequenceAt,
  technique,
  type Candidate,
  type Decoding,
  type Definition,
  type Model,
  type Opened,
  type Options,
  type Process,
  type Request,
  type Schema,
  type Technique,
} from '../../core/index.ts';
import { weightsOf } from '../../core/tokens/weights.ts';

export interface NextTokenDefinition<S extends Schema> extends Omit<Definition<S>, 'room' | 'needs' | 'can'> {
  /** The new next-token process, given the opened ones, in the order of `reads`. */
  readonly make: (opened: readonly [Process, ...Process[]], options: Options<S>, request: Request) => Process;
}

/**
 * A technique that makes one next-token process of another: the result is drawn from token by token, and can itself be
 * opened, so that such techniques act one after the other in the order written. One text is one call.
 */
export function nextTokenTechnique<const S extends Schema>({
  make,
  ...definition
}: NextTokenDefinition<S>): Technique<S> {
  const { name, options: schema, reads } = definition;
  const opened = (base: Model, request: Request, options: Options<S>): readonly [Opened, ...Opened[]] =>
    (reads?.(base, request, options) ?? [{ model: base, request }]) as [Opened, ...Opened[]];
  return technique<S>({
    ...definition,
    room: 'decode',
    needs: () => ['next'],
    can: ([{ can }]) => ({
      logprobs: true,
      continueFrom: false,
      score: false,
      next: true,
      concurrency: can.concurrency,
    }),
    run: (base, request, context, options) =>
      decoding(
        {
          open: opened(base, request, options),
          identity: `${base.name} + ${printCall(name, schema, options)}`,
          work: (given) => write(make(given.processes as [Process], options, request), given, request),
        },
        request,
        context,
      ),
    async open(base, request, context, options) {
      const all = await Promise.all(opened(base, request, options).map((one) => openOne(one, context)));
      return make(all as [Process, ...Process[]], options, request);
    },
  });
}

/**
 * Writes one text, drawing each token from the process with a random source of its own position. Stops at the end
 * token, before a stop sequence, at `maxOutputTokens`, or when the budget has no token left.
 */
async function write(
  opened: Process,
  { choice, signal, maxTokens, left }: Pick<Decoding, 'choice' | 'signal' | 'maxTokens' | 'left'>,
  { stopSequences = [], logprobs }: Pick<Request, 'stopSequences' | 'logprobs'>,
): Promise<Candidate> {
  let state = opened;
  let text = '';
  let total = 0;
  const tokens: { token: string; logprob: number }[] = [];
  const done = (unified: 'stop' | 'length', raw: string): Candidate => ({
    content: [{ type: 'text', text }],
    finish: { unified, raw },
    logprob: total,
    ...(logprobs !== undefined && logprobs !== false && { tokens }),
  });
  for (let position = 0; ; position++) {
    if (position >= maxTokens || left() < 1) return done('length', 'length');
    signal.throwIfAborted();
    const next = await state.next();
    const token = choice.fork(`token/${position}`).categorical(weightsOf(next));
    const logprob = next[token] as number;
    total += logprob;
    tokens.push({ token: state.vocabulary[token] as string, logprob });
    if (token === state.end) return done('stop', 'end');
    text += state.vocabulary[token];
    state = await state.push(token);
    const at = stopSequenceAt(text, stopSequences);
    if (at !== -1) {
      text = text.slice(0, at);
      return done('stop', 'stop-sequence');
    }
  }
}
