import {
  annotate,
  combiner,
  drawOne,
  fork,
  option,
  scope,
  type Context,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';

/**
 * Asks a model, and where it has no answer after `afterMs`, another one as well, and so on. Once `quorum` answers are there, those that
 * are still waited for have `graceMs` left. One that fails lets the next one in at once. The answer of the first model in the list
 * that is in time is returned; a warning names each model that was asked in vain.
 *
 *     P'(y) = Σ_i P(i is the first in the list that is in time) · P_i(y)
 *
 * Cost: 1 call while answers come in time, at most one a model.
 */
export const hedge = combiner({
  name: 'hedge',
  room: 'recipes',
  summary: 'ask another model where one is late',
  paper: 'Dean and Barroso, 2013',
  options: {
    afterMs: option.number({ doc: 'milliseconds after which the next model is asked as well', min: 0, default: 1000 }),
    quorum: option.integer({ doc: 'answers after which the others have graceMs left', min: 1, default: 1 }),
    graceMs: option.number({ doc: 'milliseconds that are left to the others then', min: 0, default: 0 }),
  },
  calls: 'models',
  rounds: '1',
  keepsPrompt: true,
  semantics: () => ({
    kind: 'exact',
    target: 'the first P_i of the list that is in time',
    why: 'each model is drawn from at most once; who is in time is a matter of the clock',
  }),
  check: ({ quorum }, models) =>
    quorum > models.length
      ? { option: 'quorum', rule: `must be at most ${models.length}, the number of models` }
      : undefined,
  async run(models, request, context, options) {
    const { answers, errors, asked } = await race(models, request, context, options);
    const first = models.findIndex((_, index) => answers.has(index));
    if (first === -1) throw errors.get(0);
    for (let index = 0; index < asked; index++) {
      const name = (models[index] as Model).name;
      if (answers.has(index)) continue;
      const why = errors.has(index) ? 'failed' : 'had no answer in time';
      context.ledger.warn({ code: 'hedged', message: `${name} ${why}, and others were asked as well.` });
    }
    return annotate(answers.get(first) as Sample, { model: (models[first] as Model).name, asked });
  },
});

interface Race {
  readonly answers: ReadonlyMap<number, Sample>;
  readonly errors: ReadonlyMap<number, unknown>;
  /** How many models were asked. */
  readonly asked: number;
}

async function race(
  models: readonly Model[],
  request: Request,
  context: Context,
  { afterMs, quorum, graceMs }: { readonly afterMs: number; readonly quorum: number; readonly graceMs: number },
): Promise<Race> {
  const { clock } = context;
  const outer = scope(context);
  const answers = new Map<number, Sample>();
  const errors = new Map<number, unknown>();
  const running: { readonly cancel: (reason: unknown) => void; readonly work: Promise<void> }[] = [];
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const state = { asked: 0, isOver: false };
  let stopNext: (() => void) | undefined;
  let stopGrace: (() => void) | undefined;
  const settle = (): void => {
    if (state.isOver) return;
    const waiting = state.asked - answers.size - errors.size;
    const mayAsk = state.asked < models.length && !context.signal.aborted;
    if (answers.size >= quorum) {
      stopNext?.();
      if (waiting === 0 || graceMs === 0) end();
      else stopGrace ??= clock.after(graceMs, end, 'hold');
    } else if (waiting === 0 && !mayAsk) end();
  };
  const ask = (): void => {
    stopNext?.();
    const index = state.asked++;
    const { context: inner, cancel, close } = scope(fork(outer.context, `model/${index}`));
    const work = drawOne(models[index] as Model, request, inner).then(
      (sample) => void (state.isOver || answers.set(index, sample)),
      (error: unknown) => {
        if (state.isOver) return;
        errors.set(index, error);
        const isWanted = state.asked < models.length && answers.size < quorum;
        if (isWanted && !context.signal.aborted) ask();
      },
    );
    running.push({ cancel, work: work.finally(close) });
    if (state.asked < models.length) stopNext = clock.after(afterMs, ask, 'hold');
    void work.then(settle);
  };
  try {
    ask();
    await over;
    state.isOver = true;
    for (const { cancel } of running) cancel(new DOMException('Others were faster.', 'AbortError'));
    // What was cancelled is on the account before the answer is.
    await Promise.all(running.map(({ work }) => work));
    return { answers, errors, asked: state.asked };
  } finally {
    stopNext?.();
    stopGrace?.();
    outer.close();
  }
}
