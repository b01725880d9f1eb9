/**
 * The distribution of answers before and after X while samples arrive: the base and each formula on the same draws. Runs in a
 * browser as well as in a server.
 */
import {
  memoryJournal,
  rootScope,
  user,
  type AnswerFormat,
  type Context,
  type ContextOptions,
  type Model,
  type Request,
} from '../../core/index.ts';
import {
  estimatePaths,
  exactDistribution,
  sampledDistribution,
  spelledAs,
  totalVariation,
  type Distribution,
} from '../../evaluate/distribution/distribution.ts';
import { answerRows } from '../../evaluate/distribution/rows.ts';
import { worstCase } from '../../evaluate/worst-case.ts';
import { baseOf, type Composing } from './check.ts';
import type { Asked, PlayEvent, Side } from './protocol.ts';
import { messageOf } from './turns.ts';
import { wordsOf } from './words.ts';

export const MOST_SAMPLES = 5000;
/** Paths visited before samples are drawn instead. */
const MOST_PATHS = 10_000;
const MOST_ROWS = 16;
/** Letters of an answer that a bar is named by. */
const MOST_LETTERS = 2000;
/** Samples of the base asked for together, where nobody waits for the first of them. */
const TOGETHER = 8;
/** Milliseconds between two pictures, at least. */
const BETWEEN_MS = 40;

export interface Running extends Composing, Pick<ContextOptions, 'host' | 'journal'> {
  readonly signal: AbortSignal;
  now(): number;
}

export function requestOf({
  question,
  turns = [],
  temperature,
}: Pick<Asked, 'question' | 'turns' | 'temperature'>): Request {
  return { prompt: [...turns.map(messageOf), user(question)], ...(temperature !== undefined && { temperature }) };
}

/** Draws, and tells how it stands, at most every 40 ms. What goes wrong is told; it never throws. */
export async function* play(asked: Asked, running: Running): AsyncGenerator<PlayEvent, void, void> {
  const request = requestOf(asked);
  const told = latest<PlayEvent>();
  const { signal } = running;
  void drawAll(asked, request, running, told.put)
    .catch((error: unknown) => {
      if (!signal.aborted) told.put({ kind: 'failed', message: wordsOf(error) });
    })
    .finally(told.end);
  yield* told.all();
}

async function drawAll(
  asked: Asked,
  request: Request,
  { compose, isFinite, signal, host, journal, now }: Running,
  put: (event: PlayEvent) => void,
): Promise<void> {
  const models = await Promise.all(asked.formulas.map((formula) => compose(formula)));
  const base = baseOf(models[0] as Model);
  const after = models.filter((model) => model !== base);
  const sides = [base, ...after];
  const calls = boundOf(asked, sides, request);
  const format = (asked.answers ?? 'auto') as AnswerFormat;
  // A formula's own draws of the base are among those that are drawn of it alone: they are made once.
  const { context, close } = rootScope({
    seed: asked.seed,
    signal,
    host,
    journal: journal ?? memoryJournal(),
    budget: { calls },
  });
  const states: (Distribution | undefined)[] = sides.map(() => undefined);
  let ended: string | undefined;
  let last = -Infinity;
  const say = (over: boolean): void => {
    last = now();
    put(stateOf({ sides, states, context, request, format, over, ended }));
    // What is dear to count is counted less often.
    last = now() + 2 * (now() - last);
  };
  const sayAtTimes = (): void => {
    if (now() - last >= BETWEEN_MS) say(false);
  };
  try {
    const results = await Promise.allSettled(
      sides.map(async (model, i) => {
        const exact = isFinite(model.name) && (await exactly(model, request, format, context));
        states[i] =
          exact ||
          (await sampledDistribution(model, request, context, {
            n: Math.min(asked.samples, MOST_SAMPLES),
            batch: model === base && model.can.concurrency > 1 ? TOGETHER : 1,
            format,
            onDrawn(_drawn, soFar) {
              if (now() - last < BETWEEN_MS) return;
              states[i] = soFar();
              sayAtTimes();
            },
          }));
        say(false);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed && !signal.aborted) {
      if (states.every((state) => state === undefined)) throw failed.reason;
      ended = wordsOf(failed.reason);
    }
    if (signal.aborted) ended = 'It was stopped.';
    say(true);
  } finally {
    close();
  }
}

async function exactly(
  model: Model,
  request: Request,
  format: AnswerFormat,
  context: Context,
): Promise<Distribution | undefined> {
  if ((await estimatePaths(model, request, context)) > 20 * MOST_PATHS) return undefined;
  return exactDistribution(model, request, { format, limit: MOST_PATHS, context });
}

/** No run is begun whose worst case is not bounded by anything. */
function boundOf({ calls, samples, formulas }: Asked, sides: readonly Model[], request: Request): number {
  if (calls !== undefined) return calls;
  const each = sides.map((model) => worstCase(model, request));
  const open = each.find((worst) => worst.calls === undefined);
  if (open)
    throw new Error(
      `Nothing bounds the calls of ${formulas.join(' and ')}: ${open.because[0]?.why ?? 'it is not known'}. Say how many it may make.`,
    );
  return Math.max(1, samples * each.reduce((sum, worst) => sum + (worst.calls ?? 0), 0));
}

function stateOf({
  sides,
  states,
  context: { ledger },
  request,
  format,
  over,
  ended,
}: {
  readonly sides: readonly Model[];
  readonly states: readonly (Distribution | undefined)[];
  readonly context: Context;
  readonly request: Request;
  readonly format: AnswerFormat;
  readonly over: boolean;
  readonly ended: string | undefined;
}): PlayEvent {
  const [first = EMPTY, ...others] = states;
  // One answer has one name on all sides.
  const shown = others.map((state = EMPTY) => spelledAs(first, state, request, format));
  const { usage, spending, warnings } = ledger;
  return {
    kind: 'state',
    sides: sides.map((model, i) => sideOf(model, states[i] ?? EMPTY)),
    rows: answerRows([first, ...shown], MOST_ROWS).map((row) => ({ ...row, answer: cut(row.answer) })),
    apart: shown.map((state) => (state.answers.length && first.answers.length ? totalVariation(first, state) : 0)),
    spent: {
      calls: spending.calls,
      replayed: usage.replays,
      inputTokens: spending.inputTokens,
      outputTokens: spending.outputTokens,
      usd: spending.usd,
    },
    over,
    ended,
    warnings: [...new Set(warnings.map(({ message }) => message))].slice(0, 8),
  };
}

const EMPTY: Distribution = {
  exact: false,
  paths: undefined,
  samples: 0,
  answers: [],
  callsPerAnswer: undefined,
  tokensPerAnswer: undefined,
  usdPerAnswer: undefined,
};

function sideOf({ name }: Model, { exact, paths, samples, callsPerAnswer }: Distribution): Side {
  return { formula: name, exact, paths, samples, callsPerAnswer };
}

const cut = (answer: string | null): string | null =>
  answer !== null && answer.length > MOST_LETTERS ? `${answer.slice(0, MOST_LETTERS)}…` : answer;

/** Hands on the newest of what is put, one at a time: who is slow misses some, and never the last. */
function latest<T>() {
  let waiting: T | undefined;
  let isOver = false;
  let wake: (() => void) | undefined;
  return {
    put(value: T): void {
      waiting = value;
      wake?.();
    },
    end(): void {
      isOver = true;
      wake?.();
    },
    async *all(): AsyncGenerator<T, void, void> {
      for (;;) {
        if (waiting !== undefined) {
          const value = waiting;
          waiting = undefined;
          yield value;
        } else if (isOver) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
