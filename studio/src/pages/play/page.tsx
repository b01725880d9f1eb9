/** The playground: a question, a model, X, and what X makes of the answers. */
import { useEffect, useMemo } from 'preact/hooks';
import './play.css';
import { useShortcuts } from '../../shell/keys.ts';
import { Bars } from './bars.tsx';
import { Catalog } from './catalog.tsx';
import { Code } from './code.tsx';
import { FormulaField } from './formula.tsx';
import { Question } from './question.tsx';
import { again, comparing, facts, failure, first, loadFacts, run, running, second, stop } from './state.ts';
import { Steps } from './steps.tsx';
import { Tokens } from './tokens.tsx';
import { RunBar } from './run-bar.tsx';

export function Play() {
  useEffect(() => {
    if (!facts.value) void loadFacts();
    return stop;
  }, []);
  const own = useMemo(
    () => [
      { key: 'Mod+Enter', does: 'Run', run: () => void run() },
      { key: 's', does: 'Stop', run: stop },
      { key: 'a', does: 'Again with another seed', run: again },
      { key: 'q', does: 'To the question', run: () => focus('#question') },
      { key: 'f', does: 'To the formula', run: () => focus('#formula-0') },
      { key: '/', does: 'Find a technique', run: () => focus('#find-technique') },
    ],
    [],
  );
  useShortcuts(own);
  return (
    <div class="play">
      <h1 class="unseen">Playground</h1>
      <section class="play-ask stack" aria-label="What is asked">
        <Question />
        <FormulaField of={first} index={0} label={comparing.value ? 'Model and X' : 'Model and X'} />
        {comparing.value && <FormulaField of={second} index={1} label="The same question to" />}
        <div class="row">
          {comparing.value ? (
            <button type="button" class="quiet" onClick={() => (comparing.value = false)}>
              Only one formula
            </button>
          ) : (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                if (second.text.value === '') second.put(first.text.value);
                comparing.value = true;
              }}
            >
              Beside another formula
            </button>
          )}
          <Code />
        </div>
        <RunBar />
        {failure.value !== undefined && (
          <div class="card error" role="alert">
            <p class="written">{failure.value}</p>
            {!facts.value && (
              <button type="button" onClick={() => void loadFacts()}>
                Try again
              </button>
            )}
          </div>
        )}
      </section>
      <section class="play-answers stack" aria-label="Answers" aria-busy={running.value}>
        <Bars />
        <Steps />
        <Tokens />
      </section>
      <section class="play-catalog" aria-label="Techniques">
        <Catalog />
      </section>
    </div>
  );
}

const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();
