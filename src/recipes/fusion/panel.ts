/** A panel of models that answer side by side, and what happens to a model that keeps the others waiting. */
import {
  drawOne,
  fork,
  gather,
  PlusxError,
  scope,
  type Context,
  type Limits,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';

/** An answer and the place of the model that gave it. */
export interface Member {
  readonly index: number;
  readonly model: Model;
  readonly sample: Sample;
}

export interface PanelOptions {
  /** How many answers are enough to stop waiting for the others, after a while. */
  readonly quorum: number;
  /** Milliseconds that the others have left once there are enough. */
  readonly graceMs: number;
  readonly limits?: Limits | undefined;
}

/** A model of a panel took too long after the others. */
class Straggler extends PlusxError {
  readonly model: string;
  readonly graceMs: number;
  constructor({ model, quorum, graceMs }: { model: string; quorum: number; graceMs: number }) {
    super(
      `${model} had no answer ${graceMs} ms after ${quorum} others, so it was dropped. Raise \`graceMs\` or \`quorum\` to wait for it.`,
    );
    this.model = model;
    this.graceMs = graceMs;
  }
}

/**
 * The answers, in the order of the models. Which of them are in time depends on the clock and on nothing else; a warning
 * names each model that is dropped. With a quorum of all, all are waited for.
 */
export async function convene(
  models: readonly Model[],
  request: Request,
  context: Context,
  { quorum, graceMs, limits }: PanelOptions,
): Promise<readonly Member[]> {
  const outer = scope(context, { limits });
  const running: { cancel(reason: unknown): void }[] = [];
  const state = { made: 0, over: false };
  let stopTimer: (() => void) | undefined;
  const end = (): void => {
    state.over = true;
    for (const { cancel } of running) cancel(new DOMException('The panel is closed.', 'AbortError'));
  };
  const tasks = models.map((model, index) => async (inner: Context): Promise<Member> => {
    const member = scope(fork(inner, `model/${index}`));
    running.push(member);
    const late = (): Straggler => new Straggler({ model: model.name, quorum, graceMs });
    try {
      const sample = await drawOne(model, request, member.context);
      if (state.over) throw late();
      if (++state.made === quorum && quorum < models.length) stopTimer = context.clock.after(graceMs, end);
      return { index, model, sample };
    } catch (error) {
      throw state.over && !context.signal.aborted ? late() : error;
    } finally {
      member.close();
    }
  });
  try {
    return await gather(outer.context, tasks);
  } finally {
    stopTimer?.();
    outer.close();
  }
}
