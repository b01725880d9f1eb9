/**
 * Lets others look at a run while it goes on, and pause or cancel it: the studio, and `plusx runs`. While it is paused, what is being
 * asked is finished, the next call waits, and the clock of the run stands still.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_USAGE, totalTokens, type Journal } from '../../../core/index.ts';
import type { Store } from '../../../store/index.ts';
import { Cancelled } from '../../failure.ts';
import type { Reached, Steering } from '../../terminal/steering.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { pacing } from './pace.ts';
import { restingClock } from './resting-clock.ts';

/** How often is looked what others ask. */
const EVERY_MS = 1000;

/** A terminal whose work others may steer. Its signal also aborts where they cancel it. */
export function steerable(terminal: Terminal, { everyMs = EVERY_MS } = {}): Terminal & { readonly steering: Steering } {
  const cancelled = new AbortController();
  const signal = AbortSignal.any([terminal.signal, cancelled.signal]);
  const over = new AbortController();
  const clock = restingClock();
  const pace = pacing(clock.now);
  let reached: Reached = { done: 0, total: undefined, usage: undefined };
  let rest: PromiseWithResolvers<void> | undefined;
  let looking: Promise<void> | undefined;
  /** Who wants it to rest: those who steer this process, and those who steer others that do its work. */
  const wants = { here: false, elsewhere: false };
  const turn = (): void => {
    if ((wants.here || wants.elsewhere) && !signal.aborted) {
      rest ??= Promise.withResolvers();
      clock.stop();
    } else if (rest) {
      pace.restart();
      clock.goOn();
      rest.resolve();
      rest = undefined;
    }
  };
  signal.addEventListener('abort', turn, { once: true });

  const look = async (runs: Store['runs'], run: string): Promise<void> => {
    const { done, total, usage = NO_USAGE } = reached;
    const wish = await runs.pulse(run, {
      paused: rest !== undefined,
      done,
      total,
      rate: pace.rate(),
      calls: usage.calls,
      tokens: totalTokens(usage),
      usd: usage.usd,
    });
    if (wish === 'cancelled') cancelled.abort(new Cancelled());
    wants.here = wish === 'paused';
    turn();
  };
  const steering: Steering = {
    clock,
    othersRest(isSo) {
      wants.elsewhere = isSo;
      turn();
    },
    async begin(runs, run) {
      await runs.begin(run, { command: terminal.args && commandOf(terminal.args) });
      // What cannot be written now may be written a second later, and no run ends because nobody can watch it.
      const attempt = (): Promise<void> => look(runs, run).catch(() => undefined);
      looking = (async () => {
        while (!over.signal.aborted) {
          await attempt();
          await sleep(everyMs, undefined, { signal: over.signal }).catch(() => undefined);
        }
        await attempt();
      })();
    },
    progress(next) {
      reached = next;
      pace.at(next.done);
    },
    pausing: (journal) => ({
      ...journal,
      async get(key) {
        await rest?.promise;
        signal.throwIfAborted();
        return journal.get(key);
      },
      put: (key, entry) => journal.put(key, entry),
    }),
    async end() {
      over.abort();
      await looking;
    },
  };
  return { ...terminal, signal, steering };
}

/** The journal of work on a run, whose next call waits while others let it rest. */
export const pausable = (journal: Journal | undefined, { steering }: Pick<Terminal, 'steering'>): Journal | undefined =>
  journal && (steering?.pausing(journal) ?? journal);

/** The command as it is typed, without the passwords that addresses may hold. */
export function commandOf(args: readonly string[]): string {
  const words = args.map((arg) =>
    arg
      .replaceAll(/(\b[a-z][\w+.-]*:\/\/[^\s/@:]*):[^\s/?#]*@/gi, '$1@')
      .replaceAll(/([?&]\w*(?:password|key|token|secret)=)[^&\s]*/gi, '$1'),
  );
  return ['plusx', ...words.map(shellWord)].join(' ');
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
