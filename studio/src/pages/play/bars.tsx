/** The distribution over answers before and after X: one group of bars an answer, growing while samples arrive. */
import { fullLine, type AnswerRow } from '../../../../src/evaluate/distribution/rows.ts';
import type { Side } from '../../../../src/studio/play/protocol.ts';
import { percent, whole } from '../../look/numbers.ts';
import { checks, expected, state } from './state.ts';
import { showSteps } from './steps.tsx';

export function Bars() {
  if (!state.value) return <Nothing />;
  const { sides, rows, apart, warnings } = state.value;
  const top = fullLine(rows);
  return (
    <div class="stack">
      <Law />
      <ul class="legend small" aria-label="What the bars are of">
        {sides.map((side, i) => (
          <li key={i}>
            <span class={`swatch side-${i}`} aria-hidden="true" />
            <span>{nameOf(i, sides.length)}</span>
            <span class="code written">{side.formula}</span>
            <span class="quiet number">
              {cameBy(side)}
              {i > 0 && ` · total variation ${(apart[i - 1] ?? 0).toFixed(3)}`}
            </span>
          </li>
        ))}
      </ul>
      <div class="bars" role="table" aria-label="Answers and how probable they are">
        <div role="row" class="unseen">
          <span role="columnheader">Answer</span>
          {sides.map((side, i) => (
            <span role="columnheader" key={i}>
              {i === 0 ? 'Before' : `After ${side.formula}`}
            </span>
          ))}
        </div>
        {rows.map((row) => (
          <Row key={row.others > 0 ? '\u0000others' : (row.answer ?? '\u0000none')} row={row} top={top} />
        ))}
      </div>
      {warnings.map((warning) => (
        <p key={warning} class="small warning written">
          {warning}
        </p>
      ))}
    </div>
  );
}

function Row({ row: { answer, others, shares, intervals }, top }: { readonly row: AnswerRow; readonly top: number }) {
  const isRight = answer !== null && others === 0 && answer === expected.value;
  return (
    <div role="row" class={`answer${isRight ? ' right' : ''}`}>
      <div role="cell" class="label">
        {others > 0 ? (
          <span class="quiet">{whole(others)} others</span>
        ) : answer === null ? (
          <span class="quiet">no answer</span>
        ) : (
          <button
            type="button"
            class="quiet one-line"
            title={answer.slice(0, 500)}
            onClick={() => void showSteps(answer)}
          >
            {isRight && <span class="good">✓ </span>}
            {answer === '' ? '(empty)' : answer.slice(0, 300)}
          </button>
        )}
      </div>
      {shares.map((share, i) => {
        const [low, high] = intervals[i] ?? [];
        return (
          <div role="cell" key={i} class="bar-line">
            <span class="track" aria-hidden="true">
              <span class={`fill side-${i}`} style={{ transform: `scaleX(${share / top})` }} />
              {low !== undefined && high !== undefined && (
                <span
                  class="interval"
                  style={{ left: `${(100 * low) / top}%`, width: `${(100 * (high - low)) / top}%` }}
                />
              )}
            </span>
            <span class="number small">
              {percent(share)}
              {low !== undefined && high !== undefined && (
                <span class="quiet interval-words">
                  {' '}
                  {(100 * low).toFixed(0)} to {(100 * high).toFixed(0)}
                </span>
              )}
            </span>
          </div>
        );
      })}
    </div>
  );
}

const nameOf = (side: number, sides: number): string => (side === 0 ? 'before' : sides > 2 ? `after ${side}` : 'after');

/** What the technique does to the distribution, in a line. */
function Law() {
  const [check] = checks.value;
  if (!check?.ok) return null;
  const { kind, target, why } = check.semantics;
  return (
    <p class="law">
      <span class="badge">{kind}</span> {target}
      <span class="quiet small why">{why}</span>
    </p>
  );
}

function cameBy({ exact, paths, samples, callsPerAnswer }: Side): string {
  const calls =
    callsPerAnswer === undefined
      ? ''
      : ` · ${callsPerAnswer.toFixed(callsPerAnswer % 1 === 0 ? 0 : 1)} ${callsPerAnswer === 1 ? 'call' : 'calls'} each`;
  return exact ? `exact, ${whole(paths ?? 0)} paths${calls}` : `${whole(samples ?? 0)} samples${calls}`;
}

function Nothing() {
  return (
    <div class="empty card">
      <p>
        <strong>What X makes of the answers shows here.</strong>
      </p>
      <p>
        Write a question, add a technique or two, and run it: grey bars are the model, blue bars are the model plus X.
      </p>
    </div>
  );
}
