/** How a run stands: as the process that works on it says, or as its workers do. */
import { isWorkedOn, secondsLeftOf, stateOf, type Run, type RunChange, type RunProgress } from '../../store/index.ts';
import type { ShownProgress, WorkersProgress } from './protocol.ts';

/** Nothing where nothing was ever heard of whoever works on it. */
export function progressIn(
  run: Run,
  own: RunProgress | undefined,
  shared: WorkersProgress | undefined,
): ShownProgress | undefined {
  if (shared && shared.state !== 'done') return ofWorkers(run, own, shared);
  if (!own) return undefined;
  const { done, total, rate, calls, tokens, usd, command, wish, paused } = own;
  const state = stateOf(run, own);
  const isHere = state === 'running' || state === 'paused';
  const isAsked = isHere && (wish === 'cancelled' || (wish === 'paused') !== paused);
  return {
    state,
    done,
    total,
    calls,
    tokens,
    usd,
    command,
    rate: state === 'running' ? rate : undefined,
    secondsLeft: state === 'running' ? secondsLeftOf(own) : undefined,
    asked: isAsked ? ASKED[wish] : undefined,
    may: mayOf(state),
    lost: 0,
    reserved: undefined,
    workers: undefined,
    declined: [],
  };
}

function ofWorkers(
  run: Run,
  own: RunProgress | undefined,
  { state, done, total, lost, rate, secondsLeft, spent, reserved, workers, declined }: WorkersProgress,
): ShownProgress {
  // Whoever hands the items out was killed: the workers wait for it.
  const isLeft = state === 'running' && own !== undefined && !isWorkedOn(run, own);
  return {
    state: isLeft ? 'left' : state,
    done,
    total,
    lost,
    workers,
    declined,
    rate: state === 'running' ? rate : undefined,
    secondsLeft,
    calls: spent?.calls ?? own?.calls ?? 0,
    tokens: spent?.tokens ?? own?.tokens,
    usd: spent?.usd ?? own?.usd,
    reserved: reserved && reserved.calls > 0 ? reserved : undefined,
    command: own?.command,
    asked: undefined,
    may: isLeft ? ['cancel'] : mayOf(state),
  };
}

const ASKED = { paused: 'pause', running: 'resume', cancelled: 'cancel' } as const;

function mayOf(state: string): readonly RunChange[] {
  if (state === 'running') return ['pause', 'cancel'];
  if (state === 'paused') return ['resume', 'cancel'];
  return state === 'left' ? ['cancel'] : [];
}
