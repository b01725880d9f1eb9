/** How a run stands while it goes on, with what can be asked of whoever works on it. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { ShownProgress, ShownRun } from '../../../../src/studio/runs/protocol.ts';
import { AskOnce } from '../../look/ask-once.tsx';
import { money, time, whole } from '../../look/numbers.ts';
import { post } from '../../shell/api.ts';
import { kept } from '../../shell/kept.ts';
import { useShortcuts } from '../../shell/keys.ts';
import { wordsOf } from '../../shell/words.ts';

interface Props {
  readonly run: ShownRun;
  /** Where the server has the run. */
  readonly path: string;
  reload(): void;
}

export function Progress({ run, path, reload }: Props) {
  const { items, failed, spent, status, progress } = run;
  if (progress && (status === 'running' || status === 'paused' || status === 'left' || progress.workers))
    return <Live progress={progress} failed={failed} path={path} reload={reload} />;
  return (
    <div class="card stack">
      <p class="number">
        {line([
          `${whole(items)} items`,
          failed > 0 && `${whole(failed)} failed`,
          `${whole(spent.calls)} calls`,
          spent.tokens !== undefined && `${whole(spent.tokens)} tokens`,
          spent.usd !== undefined && money(spent.usd),
        ])}
      </p>
      {status === 'running' && (
        <p class="small quiet">
          It goes on in the process that began it. Ctrl-C there pauses it, and the same command goes on.
        </p>
      )}
      {(status === 'stopped' || status === 'failed') && (
        <WayOn command={progress?.command} words={failed > 0 ? RETRY : ''} />
      )}
    </div>
  );
}

const RETRY = ' With --retry-errors it asks for what failed once more.';

function Live({ progress, failed, path, reload }: Omit<Props, 'run'> & { progress: ShownProgress; failed: number }) {
  const { state, done, total, rate, secondsLeft, calls, tokens, usd, reserved, asked, may, command, lost } = progress;
  const error = useSignal<string | undefined>(undefined);
  const change = async (to: 'pause' | 'resume' | 'cancel'): Promise<void> => {
    await post(`${path}/${to}`, {});
    reload();
  };
  const turn = may.includes('resume') ? 'resume' : may.includes('pause') ? 'pause' : undefined;
  const turned = async (): Promise<void> => {
    error.value = undefined;
    await change(turn ?? 'pause').catch((met: unknown) => (error.value = wordsOf(met)));
  };
  const canTurn = turn !== undefined && asked === undefined && !kept;
  const keys = useMemo(
    () => (canTurn ? [{ key: 'p', does: 'Pause the run, or let it go on', run: () => void turned() }] : []),
    [canTurn, turn, path],
  );
  useShortcuts(keys);
  return (
    <div class="card stack">
      <div class="row spread">
        <p class="strong" role="status">
          {asked === undefined ? (STATES[state] ?? state) : ASKED[asked]}
        </p>
        {!kept && may.length > 0 && (
          <div class="row">
            {turn && (
              // It stays where it is, so that the keyboard does.
              <button type="button" aria-disabled={!canTurn} onClick={() => canTurn && void turned()}>
                {turn === 'resume' ? 'Resume' : 'Pause'}
              </button>
            )}
            {may.includes('cancel') && (
              <AskOnce
                label="Cancel"
                title="Cancel the run"
                heading="Cancel the run?"
                words="What was done is kept, and the command that began it can go on with it."
                yes="Cancel the run"
                no="Let it go on"
                act={() => change('cancel')}
              />
            )}
          </div>
        )}
      </div>
      {total !== undefined && total > 0 && <progress aria-label="Done" value={Math.min(done, total)} max={total} />}
      <p class="number">
        {line([
          total === undefined ? `${whole(done)} done` : `${whole(done)} of ${whole(total)} items`,
          failed > 0 && `${whole(failed)} failed`,
          lost > 0 && `${whole(lost)} set aside`,
          rate !== undefined && `${rate >= 10 ? whole(rate) : rate.toPrecision(2)} a second`,
          secondsLeft !== undefined && `${time(secondsLeft)} left`,
          `${whole(calls)} calls`,
          tokens !== undefined && `${whole(tokens)} tokens`,
          usd !== undefined && money(usd),
        ])}
      </p>
      {reserved && (
        <p class="small quiet number">
          Reserved for calls in flight and the next ones:{' '}
          {line([
            `${whole(reserved.calls)} calls`,
            `${whole(reserved.tokens)} tokens`,
            reserved.usd > 0 && money(reserved.usd),
          ])}
        </p>
      )}
      {error.value !== undefined && (
        <p class="error written" role="alert">
          {error.value}
        </p>
      )}
      {state !== 'running' && state !== 'paused' && <WayOn command={command} words="" />}
      {progress.workers && <Workers workers={progress.workers} declined={progress.declined} />}
    </div>
  );
}

const STATES: { readonly [state: string]: string } = {
  running: 'It goes on',
  paused: 'It rests: what was being asked is finished, and nothing more is begun',
  left: 'Its process is gone',
  cancelled: 'It was cancelled: what was done is kept',
  stopped: 'It was stopped: what was done is kept',
};

const ASKED = {
  pause: 'It rests as soon as its process hears of it',
  resume: 'It goes on as soon as its process hears of it',
  cancel: 'It ends as soon as its process hears of it',
} as const;

function WayOn({ command, words }: { readonly command: string | undefined; readonly words: string }) {
  if (command === undefined)
    return (
      <p class="small quiet">The command that began it goes on where it was, and pays for nothing twice.{words}</p>
    );
  return (
    <>
      <p class="small quiet">This command goes on where it was, and pays for nothing twice.{words}</p>
      <pre class="card written" tabIndex={0} aria-label="The command">
        {command}
      </pre>
    </>
  );
}

function Workers({ workers, declined }: Pick<ShownProgress, 'declined'> & Required<Pick<ShownProgress, 'workers'>>) {
  if (!workers) return null;
  if (workers.length === 0)
    return <p class="small quiet">No worker is there. Start some: npx plusx worker --store postgres://...</p>;
  const whyOf = (id: string): string => declined.find((one) => one.id === id)?.why ?? '';
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Workers">
      <table>
        <thead>
          <tr>
            <th>Worker</th>
            <th class="number">Items in flight</th>
            <th>Leaves it to others because</th>
          </tr>
        </thead>
        <tbody>
          {workers.map(({ id, place, running }) => (
            <tr key={id}>
              <td class="written">{place}</td>
              <td class="number">{whole(running)}</td>
              <td class="written">{whyOf(id)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const line = (parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join(' · ');
