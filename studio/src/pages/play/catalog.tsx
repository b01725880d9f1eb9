/** All techniques by room: a click puts one around the formula. Those that the model cannot do say why. */
import { useComputed, useSignal } from '@preact/signals';
import type { TechniqueFacts } from '../../../../src/studio/play/protocol.ts';
import { add, headOf } from '../../../../src/studio/play/edit.ts';
import { facts, first } from './state.ts';

const ROOMS: { readonly [room: string]: string } = {
  search: 'Many candidates, pick the best',
  iterate: 'Write, think, revise',
  remember: 'Beyond the context',
  tools: 'Use tools',
  rephrase: 'Ask it better',
  decompose: 'Easy bits first',
  decode: 'One token at a time',
  recipes: 'Compounds',
};

const NEEDS: { readonly [capability: string]: string } = {
  logprobs: 'log-probabilities of its tokens',
  continueFrom: 'to go on from a beginning',
  score: 'the probability of a given text',
  next: 'its next-token distribution',
};

/** There is room for an open list beside the rest. */
const isWide = matchMedia('(min-width: 900px)').matches;

export function Catalog() {
  const wanted = useSignal('');
  const found = useComputed(() => {
    const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = (facts.value?.techniques ?? []).filter(({ name, summary, room }) =>
      words.every((word) => `${name} ${summary} ${room}`.toLowerCase().includes(word)),
    );
    return Map.groupBy(all, ({ room }) => room);
  });
  const lacks = useComputed(() => (first.checked.value?.ok ? first.checked.value.lacks : []));
  return (
    <div class="stack">
      <div class="row spread">
        <h2>Techniques</h2>
        <input
          id="find-technique"
          type="search"
          placeholder="Find"
          aria-label="Find a technique"
          value={wanted.value}
          onInput={({ currentTarget }) => (wanted.value = currentTarget.value)}
        />
      </div>
      {facts.value && found.value.size === 0 && <p class="quiet">No technique says that. Try fewer letters.</p>}
      {[...found.value].map(([room, members]) => (
        <details key={room} open={wanted.value !== '' || (room === 'search' && isWide)}>
          <summary>
            {ROOMS[room] ?? room} <span class="quiet small">{members.length}</span>
          </summary>
          <ul class="techniques">
            {members.map((technique) => (
              <Technique key={technique.name} technique={technique} lacks={lacks.value} />
            ))}
          </ul>
        </details>
      ))}
    </div>
  );
}

function Technique({ technique, lacks }: { readonly technique: TechniqueFacts; readonly lacks: readonly string[] }) {
  const { name, summary, calls, needs, options } = technique;
  const missing = needs.find((need) => lacks.includes(need));
  const required = options.filter((option) => option.required).map((option) => option.name);
  const notes = [
    `${calls} ${calls === '1' ? 'call' : 'calls'}`,
    required.length > 0 ? `wants ${required.join(', ')}` : '',
    missing === undefined ? '' : `not with this formula: it does not give ${NEEDS[missing] ?? missing}`,
  ].filter(Boolean);
  return (
    <li>
      <button
        type="button"
        class="technique"
        aria-disabled={missing !== undefined}
        onClick={() => {
          if (missing === undefined) put(technique);
        }}
      >
        <span class="code">{name}</span>
        <span class="small">{summary}</span>
        <span class="small quiet">{notes.join(' · ')}</span>
      </button>
    </li>
  );
}

function put(technique: TechniqueFacts): void {
  const model = headOf(first.text.value) || (facts.value?.models[0] ?? '');
  const { formula, from, to } = add(first.text.value, technique, model.replace(/^"(.*)"$/, '$1'));
  first.put(formula);
  const field = document.querySelector<HTMLTextAreaElement>('#formula-0');
  if (from === formula.length) return; // nothing is left to be written
  requestAnimationFrame(() => {
    field?.focus();
    field?.setSelectionRange(from, to);
  });
}
