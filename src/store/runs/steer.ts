/** Pauses, resumes and cancels a run that a process works on, from another process over the same store. */
import { PlusxError } from '../../core/index.ts';
import type { Run, Runs } from './runs.ts';
import type { RunProgress, RunWish } from './work.ts';

export const RUN_CHANGES = ['pause', 'resume', 'cancel'] as const;
export type RunChange = (typeof RUN_CHANGES)[number];

/** What is asked for cannot be done to the run as it stands. */
export class CannotSteer extends PlusxError {
  override readonly kind = 'usage';
}

const WISHES: { readonly [change in RunChange]: RunWish } = {
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
};

/** Seconds after which a process that says nothing is taken for gone: a machine that is busy is slow to say something. */
const SILENT_S = 15;

/** Whether a process works on the run, as far as can be seen. */
export const isWorkedOn = ({ status }: Pick<Run, 'status'>, progress: RunProgress | undefined): boolean =>
  status === 'running' && progress !== undefined && progress.silentSeconds < SILENT_S;

/** What a person is told of the run in a word. */
export function stateOf(run: Pick<Run, 'status'>, progress: RunProgress | undefined): string {
  if (run.status !== 'running' || !progress) return run.status;
  if (!isWorkedOn(run, progress)) return 'left';
  return progress.paused ? 'paused' : 'running';
}

/** Seconds that a run which goes on still takes; undefined where that is not known. */
export const secondsLeftOf = ({
  done,
  total,
  rate,
}: Pick<RunProgress, 'done' | 'total' | 'rate'>): number | undefined =>
  total === undefined || rate <= 0 ? undefined : Math.max(0, total - done) / rate;

/** Asks it of the process, which hears of it within a second or two. Throws CannotSteer where nobody would hear it. */
export async function steerRun(runs: Runs, name: string, change: RunChange): Promise<void> {
  const run = await runs.get(name);
  if (!run) throw new CannotSteer(`There is no run ${JSON.stringify(name)}.`);
  const [progress] = await runs.progress(name);
  if (isWorkedOn(run, progress)) return runs.ask(name, WISHES[change]);
  // Its process was killed, and could not say that the run has ended.
  if (change === 'cancel' && run.status === 'running') return runs.setStatus(name, 'stopped');
  const how = run.status === 'running' ? 'was left by its process' : `is ${run.status}`;
  throw new CannotSteer(
    `Run ${JSON.stringify(name)} ${how}: there is nothing to ${change}. ${wayOn(run, progress?.command)}`,
  );
}

/** What goes on with a run that no process works on. */
function wayOn({ status }: Run, command: string | undefined): string {
  if (status === 'done') return 'It has all of its results.';
  return command === undefined
    ? 'The command that began it goes on where it was.'
    : `This goes on where it was: ${command}`;
}
