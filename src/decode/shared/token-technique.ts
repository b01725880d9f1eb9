import {
  decoding,
  notePossible,
  openOne,
  possibleOf,
  printCall,
  technique,
  type Definition,
  type Model,
  type Opened,
  type Options,
  type Process,
  type Request,
  type Schema,
  type Technique,
} from '../../core/index.ts';
import { decode } from './decode.ts';

export interface TokenTechnique<S extends Schema> extends Omit<Definition<S>, 'room' | 'needs' | 'can'> {
  /** The new next-token process, given the opened ones, in the order of `reads`. */
  readonly make: (opened: readonly [Process, ...Process[]], options: Options<S>, request: Request) => Process;
}

/**
 * A technique that makes one next-token process of another: the result is drawn from token by token, and can itself be
 * opened, so that such techniques act one after the other in the order written. One text is one call.
 */
export function tokenTechnique<const S extends Schema>({ make, ...definition }: TokenTechnique<S>): Technique<S> {
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
          work: (given) => decode(make(given.processes as [Process], options, request), given, request),
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

/** The process whose every distribution is changed by `change`, a function from log-probabilities to log-probabilities. */
export function mapProcess(state: Process, change: (logprobs: Float64Array) => Float64Array): Process {
  const { vocabulary, end, inputTokens } = state;
  const process: Process = {
    vocabulary,
    end,
    inputTokens,
    next: async () => change(await state.next()),
    push: async (token) => mapProcess(await state.push(token), change),
  };
  return notePossible(process, possibleOf(state));
}
