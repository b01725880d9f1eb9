/** How an answer came about: one draw that gave it, with all its steps. */
import { signal } from '@preact/signals';
import type { Derived, DerivedStep } from '../../../../src/studio/play/protocol.ts';
import { Said } from '../../look/said.tsx';
import { href } from '../../shell/route.ts';
import { wordsOf } from '../../shell/words.ts';
import { runner } from './runner.ts';
import { shown, state } from './state.ts';

const derived = signal<{ readonly answer: string; readonly found: Derived | string | undefined } | undefined>(
  undefined,
);
/** Draws that are looked through for one with the answer. */
const MOST_TRIES = 25;

export async function showSteps(answer: string): Promise<void> {
  const asked = shown.value;
  if (!asked) return;
  derived.value = { answer, found: undefined };
  const tell = (found: Derived | string): void => {
    if (derived.value?.answer === answer) derived.value = { answer, found };
  };
  const drawn = state.value?.sides.at(1)?.samples ?? state.value?.sides[0]?.samples ?? MOST_TRIES;
  try {
    for (let index = 0; index < Math.min(MOST_TRIES, Math.max(1, drawn)); index++) {
      const found = await runner.derive({ ...asked, samples: 1 }, index, answer);
      if (derived.value?.answer !== answer) return;
      if (found.answer === answer) {
        tell(found);
        return;
      }
    }
    tell(`None of the first ${MOST_TRIES} draws of the formula gave it.`);
  } catch (error) {
    tell(wordsOf(error));
  }
}

export function Steps() {
  const { value } = derived;
  if (!value || !state.value) return null;
  const { answer, found } = value;
  return (
    <section class="card stack" aria-label="How an answer came about">
      <div class="row spread">
        <h2>
          How <span class="written">{answer.slice(0, 80)}</span> came about
        </h2>
        <button type="button" class="quiet" onClick={() => (derived.value = undefined)}>
          Close
        </button>
      </div>
      {found === undefined ? (
        <p role="status">Looking for a draw that gave it</p>
      ) : typeof found === 'string' ? (
        <p role="status">{found}</p>
      ) : (
        <>
          <Step step={found.root} />
          {found.trace !== undefined && <a href={href('traces', [found.trace])}>Open as a trace</a>}
        </>
      )}
    </section>
  );
}

function Step({ step: { name, kind, status, said, children, more } }: { readonly step: DerivedStep }) {
  return (
    <details class="step" open>
      <summary>
        <span class={kind === 'technique' ? 'code strong step-technique' : 'code'}>{name.slice(0, 200)}</span>{' '}
        <span class="small quiet">{status === 'ok' ? '' : status}</span>
      </summary>
      {said.map((text, i) => (
        <Said key={i} text={text} />
      ))}
      {children.map((child, i) => (
        <Step key={i} step={child} />
      ))}
      {more > 0 && <p class="small quiet">{more} further steps</p>}
    </details>
  );
}
