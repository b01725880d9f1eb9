/** For techniques that work token by token: what could come next, before and after X, at any place of a text. */
import { useSignal } from '@preact/signals';
import type { NextTokens } from '../../../../src/studio/play/protocol.ts';
import { percent } from '../../look/numbers.ts';
import { wordsOf } from '../../shell/words.ts';
import { runner } from './runner.ts';
import { checks, shown } from './state.ts';

export function Tokens() {
  const text = useSignal('');
  const position = useSignal(0);
  const found = useSignal<NextTokens | string | undefined>(undefined);
  const [check] = checks.value;
  const asked = shown.value;
  if (!check?.ok || !check.opens || !asked) return null;
  const look = (at: number): void => {
    position.value = Math.max(0, at);
    runner.next({ ...asked, samples: 1 }, text.value, position.value).then(
      (next) => (found.value = next),
      (error: unknown) => (found.value = wordsOf(error)),
    );
  };
  const top =
    typeof found.value === 'object' ? Math.max(...found.value.rows.flatMap((row) => [row.before, row.after]), 1e-9) : 1;
  return (
    <section class="card stack" aria-label="The next token">
      <h2>The next token</h2>
      <label>
        <span class="name">After the beginning of this text</span>
        <input value={text.value} onInput={({ currentTarget }) => (text.value = currentTarget.value)} />
      </label>
      <div class="row">
        <button type="button" onClick={() => look(position.value - 1)} disabled={position.value === 0}>
          One token back
        </button>
        <button type="button" onClick={() => look(position.value)}>
          Look
        </button>
        <button type="button" onClick={() => look(position.value + 1)}>
          One token on
        </button>
        <span class="small quiet number">{position.value} tokens</span>
      </div>
      {typeof found.value === 'string' && (
        <p class="error" role="alert">
          {found.value}
        </p>
      )}
      {typeof found.value === 'object' && (
        <div class="bars" role="table" aria-label="Tokens and how probable they are">
          <div role="row" class="unseen">
            <span role="columnheader">Token</span>
            <span role="columnheader">Before</span>
            <span role="columnheader">After</span>
          </div>
          {found.value.rows.map(({ token, before, after }) => (
            <div role="row" class="answer" key={token}>
              <div role="cell" class="label code one-line">
                {JSON.stringify(token).slice(1, -1).replaceAll(' ', '␣')}
              </div>
              {[before, after].map((share, i) => (
                <div role="cell" key={i} class="bar-line">
                  <span class="track" aria-hidden="true">
                    <span class={`fill side-${i}`} style={{ transform: `scaleX(${share / top})` }} />
                  </span>
                  <span class="number small">{percent(share)}</span>
                </div>
              ))}
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
