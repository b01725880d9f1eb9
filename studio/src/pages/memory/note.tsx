/** One note: what it says, in which answers it was used, and what can be done with it. */
import { useSignal } from '@preact/signals';
import type { ShownNote } from '../../../../src/studio/memory/protocol.ts';
import { AskOnce } from '../../look/ask-once.tsx';
import { Said } from '../../look/said.tsx';
import { get, remove } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { go, href } from '../../shell/route.ts';
import { addressOf, asked } from './address.ts';
import { NoteForm } from './form.tsx';

export interface OneNoteProps {
  readonly namespace: string;
  readonly id: string;
  readonly q: string;
  /** Changes when the memory does: what is shown may be gone. */
  readonly turn: number;
  onChanged(): void;
}

export function OneNote({ namespace, id, q, turn, onChanged }: OneNoteProps) {
  const path = `memory/note?${asked({ in: namespace, id })}`;
  const { value, error } = useLoaded(`${id} ${turn}`, (signal) => get<ShownNote>(path, signal));
  const isEdited = useSignal(false);
  const back = addressOf({ in: namespace, q: q || undefined });
  if (error !== undefined)
    return (
      <section class="card stack one-note" aria-label="Note">
        <p class="error written" role="alert">
          {error}
        </p>
        <a href={back}>Close</a>
      </section>
    );
  if (!value)
    return (
      <p class="quiet" role="status">
        Loading
      </p>
    );
  if (isEdited.value)
    return (
      <section class="card one-note" aria-label="Change the note">
        <NoteForm
          namespace={namespace}
          note={value}
          onDone={() => {
            isEdited.value = false;
            onChanged();
          }}
          onCancel={() => (isEdited.value = false)}
        />
      </section>
    );
  return (
    <section class="card stack one-note" aria-label="Note">
      <div class="row">
        <button type="button" onClick={() => (isEdited.value = true)}>
          Change
        </button>
        <AskOnce
          label="Delete"
          heading="Delete this note?"
          words="Text, index and log: nothing of it is left in the memory. Recorded calls, runs and traces may still quote it."
          act={async () => {
            await remove(path);
            go(back);
            onChanged();
          }}
        />
        <span class="grow" />
        <a href={back}>Close</a>
      </div>
      <Said text={value.text} />
      {value.data !== undefined && (
        <>
          <h2>Says further</h2>
          <pre class="written said" tabIndex={0}>
            {value.data}
          </pre>
        </>
      )}
      <h2>Used in</h2>
      <Uses note={value} />
      <p class="small quiet written">{id}</p>
    </section>
  );
}

function Uses({ note: { items, traces } }: { readonly note: ShownNote }) {
  if (items.length + traces.length === 0)
    return <p class="small quiet">No answer of a run, and no trace that keeps texts, is known to have used it.</p>;
  return (
    <ul class="uses small">
      {items.map(({ run, item }) => (
        <li key={`${run} ${item}`}>
          <a class="written" href={href('runs', [run])}>
            {run}
          </a>
          , item <span class="written">{item}</span>
        </li>
      ))}
      {traces.map(({ id, created }) => (
        <li key={id}>
          <a href={href('traces', [id])}>Trace of {created} UTC</a>
        </li>
      ))}
    </ul>
  );
}
