/** The items of a run: a list with filters, and one with all that was written for it. */
import { useSignal } from '@preact/signals';
import type { Items as Listed, ListedItem, ShownItem, ShownReply } from '../../../../src/studio/runs/protocol.ts';
import { money, percent, whole } from '../../look/numbers.ts';
import { Said } from '../../look/said.tsx';
import { get } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { href } from '../../shell/route.ts';

const A_PAGE = 100;

export interface ItemsProps {
  readonly path: string;
  readonly formulas: readonly string[];
  /** Changes when there are more of them. */
  readonly turn: number;
}

export function Items({ path, formulas, turn }: ItemsProps) {
  const of = useSignal('all');
  const find = useSignal('');
  const from = useSignal(0);
  const open = useSignal<ListedItem | undefined>(undefined);
  const query = new URLSearchParams({ of: of.value, find: find.value, from: `${from.value}` }).toString();
  const { value, error } = useLoaded(`${query} ${turn}`, (signal) => get<Listed>(`${path}/items?${query}`, signal));
  return (
    <section class="stack" aria-label="Items">
      <h2>Items</h2>
      <div class="row">
        <input
          type="search"
          class="find"
          placeholder="Find in questions and answers"
          aria-label="Find items"
          value={find.value}
          onInput={({ currentTarget }) => {
            find.value = currentTarget.value;
            from.value = 0;
          }}
        />
        <label class="choice">
          <span class="unseen">Which items</span>
          <select
            value={of.value}
            onChange={({ currentTarget }) => {
              of.value = currentTarget.value;
              from.value = 0;
            }}
          >
            {['all', 'right', 'wrong', 'failed'].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {value && <span class="small quiet number">{whole(value.total)} items</span>}
      </div>
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <ul class="items-list">
        {(value?.items ?? []).map((item) => (
          <li key={`${item.formula} ${item.id}`}>
            <button
              type="button"
              class="item"
              aria-expanded={open.value === item}
              onClick={() => (open.value = open.value === item ? undefined : item)}
            >
              <span class={mark(item)}>{told(item)}</span>
              <span class="one-line quiet small">{item.id}</span>
              <span class="one-line">
                {item.question}
                {formulas.length > 1 && <span class="block one-line quiet small code">{item.formula}</span>}
              </span>
              <span class="one-line code">{item.error ?? item.answer ?? 'no answer'}</span>
            </button>
            {open.value === item && <OneItem path={path} item={item} isOfSeveral={formulas.length > 1} />}
          </li>
        ))}
      </ul>
      {value && value.total > A_PAGE && (
        <div class="row">
          <button type="button" disabled={from.value === 0} onClick={() => (from.value -= A_PAGE)}>
            Before
          </button>
          <span class="small number">
            {whole(from.value + 1)} to {whole(Math.min(value.total, from.value + A_PAGE))}
          </span>
          <button type="button" disabled={from.value + A_PAGE >= value.total} onClick={() => (from.value += A_PAGE)}>
            After
          </button>
        </div>
      )}
    </section>
  );
}

const mark = ({ grade, error }: ListedItem): string =>
  error !== undefined || grade === undefined ? 'mark bad' : grade >= 0.5 ? 'mark good' : 'mark bad';

function told({ grade, error }: ListedItem): string {
  if (error !== undefined || grade === undefined) return 'failed';
  return grade === 1 ? 'right' : grade === 0 ? 'wrong' : percent(grade);
}

function OneItem({
  path,
  item,
  isOfSeveral,
}: {
  readonly path: string;
  readonly item: ListedItem;
  readonly isOfSeveral: boolean;
}) {
  const query = isOfSeveral ? `?formula=${encodeURIComponent(item.formula)}` : '';
  const { value, error } = useLoaded(`${item.formula} ${item.id}`, (signal) =>
    get<ShownItem>(`${path}/items/${encodeURIComponent(item.id)}${query}`, signal),
  );
  if (error !== undefined)
    return (
      <p class="error" role="alert">
        {error}
      </p>
    );
  if (!value) return <p role="status">Loading</p>;
  return (
    <div class="card stack">
      <Said text={value.question} />
      {value.expected !== undefined && (
        <p>
          <span class="quiet">Right:</span> <span class="written">{value.expected}</span>
        </p>
      )}
      {value.error !== undefined && <p class="error written">{value.error}</p>}
      {value.replies.map((reply, i) => (
        <Reply key={i} reply={reply} number={value.replies.length > 1 ? i + 1 : undefined} />
      ))}
      <p>
        <a href={href('play', [], { q: value.question, x: value.formula })}>Open in the playground</a>
      </p>
    </div>
  );
}

function Reply({ reply, number }: { readonly reply: ShownReply; readonly number: number | undefined }) {
  const { text, answer, grade, samples, tokens, usd, ms, facts, candidates, more } = reply;
  return (
    <div class="stack reply">
      <p class="small quiet number">
        {[
          number === undefined ? '' : `Reply ${number}`,
          `grade ${grade}`,
          `${samples.toFixed(samples % 1 === 0 ? 0 : 1)} samples`,
          tokens === undefined ? '' : `${whole(tokens)} tokens`,
          usd === undefined ? '' : money(usd),
          ms === undefined ? '' : `${whole(ms)} ms`,
          ...facts.map(([name, value]) => `${name} ${value}`),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <Said text={text} />
      {candidates.length > 0 && (
        <details>
          <summary>
            {whole(candidates.length + more)} candidates,{' '}
            {whole(candidates.filter((one) => one.answer === answer).length)} of these with the answer that won
          </summary>
          <div class="wide" tabIndex={0} role="region" aria-label="Candidates">
            <table>
              <thead>
                <tr>
                  <th>Where</th>
                  <th>Answer</th>
                  <th>Text</th>
                </tr>
              </thead>
              <tbody>
                {candidates.map((one, i) => (
                  <tr key={i}>
                    <td class="small quiet code">{one.at}</td>
                    <td class={one.answer === answer ? 'written strong' : 'written'}>{one.answer ?? 'none'}</td>
                    <td class="written small">{one.text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </div>
  );
}
