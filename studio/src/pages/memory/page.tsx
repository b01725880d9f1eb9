/** Memory: what is remembered, found as a model finds it, written and deleted by hand. */
import './memory.css';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Namespaces } from '../../../../src/studio/memory/protocol.ts';
import { AskOnce } from '../../look/ask-once.tsx';
import { whole } from '../../look/numbers.ts';
import { Trouble } from '../../look/trouble.tsx';
import { get, remove } from '../../shell/api.ts';
import { useShortcuts } from '../../shell/keys.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { go, route } from '../../shell/route.ts';
import { addressOf, asked } from './address.ts';
import { NoteForm } from './form.tsx';
import { NoteList } from './list.tsx';
import { OneNote } from './note.tsx';

/** A person has stopped typing. */
const PAUSE_MS = 200;

export function Memory() {
  const { value, error, reload } = useLoaded('memory', (signal) => get<Namespaces>('memory', signal));
  if (error !== undefined && !value) return <Trouble words={error} again={reload} heading="Memory" />;
  if (!value)
    return (
      <p class="empty" role="status">
        Loading
      </p>
    );
  if (!value.isOpen) return <NotOpen />;
  return <Opened namespaces={value.namespaces} reload={reload} />;
}

function Opened({
  namespaces,
  reload,
}: {
  readonly namespaces: Namespaces['namespaces'];
  readonly reload: () => void;
}) {
  const { query } = route.value;
  const names = namespaces.map(({ namespace: name }) => name);
  const namespace = query.get('in') ?? (names.includes('default') ? 'default' : (names[0] ?? 'default'));
  const q = query.get('q') ?? '';
  const id = query.get('note') ?? undefined;
  const isWriting = useSignal(false);
  const turn = useSignal(0);
  const find = useRef<HTMLInputElement>(null);
  const changed = (): void => {
    turn.value++;
    reload();
  };
  const own = useMemo(
    () => [
      { key: '/', does: 'Search the memory', run: () => find.current?.focus() },
      { key: 'n', does: 'Write a note', run: () => (isWriting.value = true) },
    ],
    [isWriting],
  );
  useShortcuts(own);
  const written = (note: string, into: string): void => {
    isWriting.value = false;
    changed();
    go(addressOf({ in: into, note }));
  };
  if (namespaces.length === 0 && !isWriting.value) return <Empty onWrite={() => (isWriting.value = true)} />;
  return (
    <div class="stack">
      <h1>Memory</h1>
      <div class="row">
        {names.length > 0 && (
          <label class="row namespace">
            <span class="small quiet">Namespace</span>
            <select value={namespace} onChange={({ currentTarget }) => go(addressOf({ in: currentTarget.value }))}>
              {!names.includes(namespace) && <option value={namespace}>{namespace}</option>}
              {namespaces.map(({ namespace: name, notes }) => (
                <option key={name} value={name}>
                  {name.slice(0, 100)} ({whole(notes)})
                </option>
              ))}
            </select>
          </label>
        )}
        <Find input={find} namespace={namespace} q={q} />
        <span class="grow" />
        <button type="button" onClick={() => (isWriting.value = true)}>
          Write a note
        </button>
        {names.includes(namespace) && (
          <AskOnce
            label="Delete all"
            heading={
              <>
                Delete all notes of <span class="written">{namespace}</span>?
              </>
            }
            words="Text, index and log: nothing of them is left in the memory. Recorded calls, runs and traces may still quote them."
            act={async () => {
              await remove(`memory/namespace?${asked({ in: namespace })}`);
              go(addressOf({}));
              changed();
            }}
          />
        )}
      </div>
      {isWriting.value && (
        <section class="card" aria-label="A new note">
          <NoteForm namespace={namespace} onDone={written} onCancel={() => (isWriting.value = false)} />
        </section>
      )}
      {names.length > 0 && (
        <div class={id === undefined ? 'stack' : 'memory'}>
          <NoteList namespace={namespace} q={q} chosen={id} turn={turn.value} />
          {id !== undefined && (
            <OneNote
              key={`${namespace} ${id}`}
              namespace={namespace}
              id={id}
              q={q}
              turn={turn.value}
              onChanged={changed}
            />
          )}
        </div>
      )}
    </div>
  );
}

function Find({
  input,
  namespace,
  q,
}: {
  readonly input: { current: HTMLInputElement | null };
  readonly namespace: string;
  readonly q: string;
}) {
  const typed = useSignal(q);
  useEffect(() => {
    typed.value = q;
  }, [q, typed]);
  useEffect(() => {
    if (typed.value === q) return undefined;
    const timer = setTimeout(
      () => go(addressOf({ in: namespace, q: typed.value || undefined }), { replace: true }),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [typed.value]);
  return (
    <input
      ref={input}
      type="search"
      class="find"
      placeholder="Search as a model searches"
      aria-label="Search the memory"
      value={typed.value}
      onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
    />
  );
}

function NotOpen() {
  return (
    <div class="empty">
      <h1>No memory is open</h1>
      <p>Put something into one, then start the studio again. It opens the memory of this folder, or the one named.</p>
      <pre class="card written">
        {'npx plusx memory add "to blim means to lose"\nnpx plusx studio --memory .plusx/memory.db'}
      </pre>
    </div>
  );
}

function Empty({ onWrite }: { onWrite(): void }) {
  return (
    <div class="empty">
      <h1>Nothing is remembered yet</h1>
      <p>
        Notes are what `memPrompt`, `fewShot` and `prefer` look up, pages what `rag` does. Write one here, or read files
        in:
      </p>
      <pre class="card written">npx plusx memory index README.md</pre>
      <button type="button" class="main" onClick={onWrite}>
        Write a note
      </button>
    </div>
  );
}
