/** A progress line on standard error for work that takes longer than two seconds, and only in a terminal. */
import type { Usage } from '../../core/index.ts';
import type { Terminal } from './terminal.ts';
import { clip, count, duration, money, padStart } from './text.ts';

export interface Bar {
  /** So many are done, for so much. */
  update(done: number, usage?: Usage, total?: number): void;
  /** Takes the line away. */
  stop(): void;
}

const PATIENCE = 2000;
const EVERY = 100;
const CELLS = 20;
const ERASE = '\r\u001B[2K';

export function progressBar(
  { err }: Terminal,
  {
    total: expected,
    unit,
    quiet,
    now,
  }: { total: number | undefined; unit: string; quiet?: boolean | undefined; now: () => number },
): Bar {
  if (!err.isTerminal || quiet) return { update() {}, stop() {} };
  const start = now();
  let done = 0;
  let usage: Usage | undefined;
  let total = expected;
  let shown = false;
  const draw = (): void => {
    const elapsed = now() - start;
    if (elapsed < PATIENCE) return;
    shown = true;
    const line = progressLine({ done, total, unit, elapsed, usage });
    err.write(`${ERASE}${err.paint('dim', clip(line, err.columns - 1))}`);
  };
  const timer = setInterval(draw, EVERY);
  timer.unref();
  return {
    update(next, spent, all) {
      done = next;
      usage = spent ?? usage;
      total = all ?? total;
    },
    stop() {
      clearInterval(timer);
      if (shown) err.write(ERASE);
      shown = false;
    },
  };
}

/** `██████░░░░ 120/400 items · 8.1/s · $0.012 · 35 s left`. */
export function progressLine({
  done,
  total,
  unit,
  elapsed,
  usage,
}: {
  done: number;
  total: number | undefined;
  unit: string;
  elapsed: number;
  usage: Usage | undefined;
}): string {
  const rate = done / (elapsed / 1000);
  const whole = total === undefined ? '' : count(total);
  const filled = total === undefined ? 0 : Math.min(CELLS, Math.round((CELLS * done) / Math.max(1, total)));
  return [
    total === undefined
      ? `${count(done)} ${unit}`
      : `${'█'.repeat(filled)}${'░'.repeat(CELLS - filled)} ${padStart(count(done), whole.length)}/${whole} ${unit}`,
    `${rate >= 10 ? Math.round(rate) : rate.toPrecision(2)}/s`,
    ...(usage && usage.calls > 0 ? [`${count(usage.calls)} calls`] : []),
    ...(usage?.usd === undefined ? [] : [money(usage.usd)]),
    total !== undefined && done > 0 && done < total
      ? `${duration((elapsed / done) * (total - done))} left`
      : duration(elapsed),
  ].join(' · ');
}
