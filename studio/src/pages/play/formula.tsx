/** The field of a formula: completion while one writes, what is wrong at its character, the way back; and its tree. */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { complete, onModel, headOf, type Completions } from '../../../../src/studio/play/edit.ts';
import { facts, run, type Written } from './state.ts';
import { Tree } from './tree.tsx';

export interface FieldProps {
  readonly of: Written;
  readonly index: number;
  readonly label: string;
}

export function FormulaField({ of, index, label }: FieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const offers = useSignal<Completions | undefined>(undefined);
  const chosen = useSignal(0);
  const cursor = useRef<number | undefined>(undefined);
  const { text, checked } = of;
  const id = `formula-${index}`;

  useLayoutEffect(() => {
    if (cursor.current === undefined) return;
    field.current?.setSelectionRange(cursor.current, cursor.current);
    cursor.current = undefined;
  }, [text.value]);
  useEffect(() => {
    document.querySelector(`#${id}-offers [aria-selected="true"]`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen.value, id]);

  const look = (): void => {
    const at = field.current?.selectionStart ?? 0;
    if (!facts.value) return;
    const found = complete(text.value, at, facts.value);
    const isWritten =
      found.candidates.length === 1 && found.candidates[0]?.text === text.value.slice(found.from, found.to);
    offers.value = found.candidates.length > 0 && !isWritten ? found : undefined;
    chosen.value = 0;
  };
  const take = (which: number): void => {
    const found = offers.value;
    const one = found?.candidates[which];
    if (!found || !one) return;
    cursor.current = found.from + one.text.length;
    of.put(text.value.slice(0, found.from) + one.text + text.value.slice(found.to));
    offers.value = undefined;
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isMod = event.ctrlKey || event.metaKey;
    const most = (offers.value?.candidates.length ?? 1) - 1;
    const key = `${isMod ? 'Mod+' : ''}${event.shiftKey && isMod ? 'Shift+' : ''}${isMod ? event.key.toLowerCase() : event.key}`;
    const acts: { readonly [key: string]: (() => void) | undefined } = {
      'Mod+z': () => of.undo(),
      'Mod+y': () => of.redo(),
      'Mod+Shift+z': () => of.redo(),
      'Mod+ ': look,
      'Mod+enter': () => void run(),
      Enter: offers.value ? () => take(chosen.value) : () => {},
      ...(offers.value && {
        ArrowDown: () => (chosen.value = Math.min(most, chosen.value + 1)),
        ArrowUp: () => (chosen.value = Math.max(0, chosen.value - 1)),
        Tab: () => take(chosen.value),
        Escape: () => (offers.value = undefined),
      }),
    };
    const act = acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const wrong = checked.value?.ok === false && text.value !== '' ? checked.value : undefined;
  return (
    <div class="stack formula">
      <div class="row spread">
        <label class="name" for={id}>
          {label}
        </label>
        <Model of={of} index={index} />
      </div>
      <div class="editor">
        <div class="marks code" aria-hidden="true">
          {wrong?.position === undefined ? (
            text.value
          ) : (
            <>
              {text.value.slice(0, wrong.position)}
              <mark>{text.value.slice(wrong.position, wrong.position + 1) || ' '}</mark>
              {text.value.slice(wrong.position + 1)}
            </>
          )}{' '}
        </div>
        <textarea
          ref={field}
          id={id}
          class="code"
          rows={1}
          spellcheck={false}
          autocomplete="off"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={`${id}-offers`}
          aria-activedescendant={offers.value ? `${id}-offer-${chosen.value}` : undefined}
          aria-invalid={wrong !== undefined}
          aria-describedby={`${id}-wrong`}
          value={text.value}
          onInput={({ currentTarget }) => {
            of.set(currentTarget.value.replaceAll('\n', ' '));
            look();
          }}
          onKeyDown={onKeyDown}
          onBlur={() => (offers.value = undefined)}
        />
        <ul id={`${id}-offers`} class="offers" role="listbox" aria-label="What can stand here" hidden={!offers.value}>
          {(offers.value?.candidates ?? []).map(({ text: offered, about }, i) => (
            <li
              key={offered}
              id={`${id}-offer-${i}`}
              role="option"
              aria-selected={i === chosen.value}
              onMouseDown={(event) => {
                event.preventDefault();
                take(i);
              }}
            >
              <span class="code">{offered}</span> <span class="quiet small">{about}</span>
            </li>
          ))}
        </ul>
      </div>
      <p id={`${id}-wrong`} class="error small written" aria-live="polite">
        {wrong?.message}
        {wrong?.suggestion !== undefined && wrong.position !== undefined && (
          <>
            {' '}
            <button
              type="button"
              class="small"
              onClick={() => {
                const { position = 0, suggestion = '' } = wrong;
                const end = /^[\w.~:/@$-]*/.exec(text.value.slice(position))?.[0].length ?? 0;
                of.put(text.value.slice(0, position) + suggestion + text.value.slice(position + end));
              }}
            >
              Take {wrong.suggestion}
            </button>
          </>
        )}
      </p>
      <Tree
        of={of}
        onPick={(from, to) => {
          field.current?.focus();
          field.current?.setSelectionRange(from, to);
        }}
      />
    </div>
  );
}

/** The model at the head of a formula, among those that are there. */
function Model({ of, index }: Pick<FieldProps, 'of' | 'index'>) {
  const models = facts.value?.models ?? [];
  const head = headOf(of.text.value).replace(/^"(.*)"$/, '$1');
  return (
    <label class="choice">
      <span class="unseen">Model of formula {index + 1}</span>
      <select
        value={models.includes(head) ? head : ''}
        onChange={({ currentTarget }) => {
          if (currentTarget.value) of.put(onModel(of.text.value, currentTarget.value).formula);
        }}
      >
        {!models.includes(head) && <option value="">another model</option>}
        {models.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
