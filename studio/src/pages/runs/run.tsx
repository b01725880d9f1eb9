/** One run: how good, at what price, where, and each of its items. */
import { useSignal } from '@preact/signals';
import type { Measured, ShownRun } from '../../../../src/studio/runs/protocol.ts';
import { AskOnce } from '../../look/ask-once.tsx';
import { money, percent, whole } from '../../look/numbers.ts';
import { Trouble } from '../../look/trouble.tsx';
import { get, remove } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { go, href } from '../../shell/route.ts';
import { Curves } from './curves.tsx';
import { Items } from './items.tsx';
import { Loading } from './list.tsx';
import { Progress } from './progress.tsx';
import { CompileReport } from './report.tsx';
import { Scatter } from './scatter.tsx';

const WATCH_MS = 1500;

export function OneRun({ name }: { readonly name: string }) {
  const path = `runs/${encodeURIComponent(name)}`;
  const isRunning = useSignal(false);
  const { value, error, reload } = useLoaded(
    name,
    async (signal) => {
      const run = await get<ShownRun>(path, signal);
      isRunning.value = ['running', 'paused', 'left'].includes(run.status);
      return run;
    },
    isRunning.value ? WATCH_MS : undefined,
  );
  if (error !== undefined && !value) return <Trouble words={error} again={reload} heading="Run" />;
  if (!value) return <Loading />;
  const hasCurves = value.status === 'done' && value.curves.length > 0;
  return (
    <div class="stack">
      <p>
        <a href={href('runs')}>All runs</a>
      </p>
      <div class="row spread">
        <h1 class="written">{value.name}</h1>
        <AskOnce
          label="Delete"
          title="Delete the run"
          heading={
            <>
              Delete <span class="written">{name}</span>?
            </>
          }
          words="Its items and traces are gone for good. Replies of its calls stay in the journal."
          act={async () => {
            await remove(path);
            go(href('runs'));
          }}
        />
      </div>
      <p class="quiet written">
        <span class={`status ${value.status}`}>{value.status}</span> {value.kind} of {value.task}
        {value.metric !== undefined && `, metric ${value.metric}`}, seed {String(value.seed)}, begun {value.created} UTC
      </p>
      {value.report === undefined && !hasCurves && <Progress run={value} path={path} reload={reload} />}
      {value.formulas.length === 0 && value.report === undefined && value.curves.length === 0 && (
        <p class="quiet">
          No results of items are kept: its calls are in the store, and the same command goes on with them.
        </p>
      )}
      {value.curves.length > 0 && <Curves curves={value.curves} />}
      {value.report !== undefined && <CompileReport report={value.report} />}
      {value.formulas.length > 0 && (
        <>
          <Formulas formulas={value.formulas} />
          {value.formulas.length > 1 && (
            <Scatter
              title="Accuracy against what an answer takes, with 95% intervals"
              points={value.formulas.flatMap(({ accuracy, formula, ...rest }) =>
                accuracy === undefined ? [] : [{ ...rest, accuracy, label: formula }],
              )}
            />
          )}
          <Slices formulas={value.formulas} />
          <Items path={path} formulas={value.formulas.map(({ formula }) => formula)} turn={value.items} />
        </>
      )}
    </div>
  );
}

function Formulas({ formulas }: { readonly formulas: readonly Measured[] }) {
  // Time is known of runs whose records are kept.
  const hasTime = formulas.some(({ ms }) => ms !== undefined);
  const hasCost = formulas.some(({ usd }) => usd !== undefined);
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Results">
      <table>
        <thead>
          <tr>
            <th>Formula</th>
            <th class="number">Accuracy</th>
            <th class="number">95% interval</th>
            <th>
              <span class="unseen">Picture</span>
            </th>
            <th class="number">Items</th>
            <th class="number">Samples</th>
            <th class="number">Tokens</th>
            {hasCost && <th class="number">Cost</th>}
            {hasTime && <th class="number">Time</th>}
          </tr>
        </thead>
        <tbody>
          {formulas.map((one) => (
            <tr key={`${one.run} ${one.formula}`}>
              <td class="written code short">{one.formula}</td>
              <td class="number strong">{one.accuracy === undefined ? '' : percent(one.accuracy)}</td>
              <td class="number">
                {percent(one.ci95[0])} to {percent(one.ci95[1])}
              </td>
              <td>
                <Interval value={one.accuracy} ci95={one.ci95} />
              </td>
              <td class="number">
                {whole(one.items)}
                {one.failed > 0 && <span class="error"> {whole(one.failed)} failed</span>}
              </td>
              <td class="number">{one.samples?.toFixed(1)}</td>
              <td class="number">{one.tokens === undefined ? '' : whole(one.tokens)}</td>
              {hasCost && <td class="number">{one.usd === undefined ? '' : money(one.usd)}</td>}
              {hasTime && <td class="number">{one.ms === undefined ? '' : `${whole(one.ms)} ms`}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A share and its interval from 0 to 1. */
export function Interval({
  value,
  ci95: [low, high],
}: {
  readonly value: number | undefined;
  readonly ci95: readonly [number, number];
}) {
  return (
    <span class="spread-bar" aria-hidden="true">
      <span class="spread-range" style={{ left: `${100 * low}%`, width: `${100 * (high - low)}%` }} />
      {value !== undefined && <span class="spread-dot" style={{ left: `${100 * value}%` }} />}
    </span>
  );
}

function Slices({ formulas }: { readonly formulas: readonly Measured[] }) {
  const tags = [...new Set(formulas.flatMap(({ tags: all }) => all.map(({ tag }) => tag)))];
  if (tags.length === 0) return null;
  return (
    <details open>
      <summary>By tag</summary>
      <div class="wide" tabIndex={0} role="region" aria-label="By tag">
        <table>
          <thead>
            <tr>
              <th>Tag</th>
              {formulas.map(({ formula }) => (
                <th key={formula} class="written">
                  {formula}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tags.map((tag) => (
              <tr key={tag}>
                <td class="written">{tag}</td>
                {formulas.map(({ formula, tags: all }) => {
                  const slice = all.find((one) => one.tag === tag);
                  return (
                    <td key={formula} class="number">
                      {slice && (
                        <>
                          {percent(slice.accuracy)}{' '}
                          <span class="quiet small">
                            {percent(slice.ci95[0])} to {percent(slice.ci95[1])}, {whole(slice.items)} items
                          </span>
                        </>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
