/** A note as it is written or changed. */
import { useSignal } from '@preact/signals';
import type { KeptNote, ShownNote } from '../../../../src/studio/memory/protocol.ts';
import { post } from '../../shell/api.ts';
import { wordsOf } from '../../shell/words.ts';

export interface NoteFormProps {
  readonly namespace: string;
  /** The one that is changed. */
  readonly note?: Pick<ShownNote, 'id' | 'text' | 'data'>;
  onDone(id: string, namespace: string): void;
  onCancel(): void;
}

export function NoteForm({ namespace, note, onDone, onCancel }: NoteFormProps) {
  const into = useSignal(namespace);
  const text = useSignal(note?.text ?? '');
  const data = useSignal(note?.data ?? '');
  const error = useSignal<string | undefined>(undefined);
  const keep = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const further: unknown = data.value.trim() === '' ? undefined : JSON.parse(data.value);
      const body = { in: into.value, text: text.value, id: note?.id, data: further };
      const { id } = await post<KeptNote>('memory/note', body);
      onDone(id, into.value);
    } catch (met) {
      error.value = met instanceof SyntaxError ? `What it says further is not JSON: ${met.message}.` : wordsOf(met);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void keep(event)}>
      {!note && (
        <label>
          <span class="name">Namespace</span>
          <input value={into.value} onInput={({ currentTarget }) => (into.value = currentTarget.value)} />
        </label>
      )}
      <label>
        <span class="name">Text: what it is found by</span>
        <textarea
          rows={note ? 8 : 3}
          autofocus
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <label>
        <span class="name">Says further, as a JSON object: a feedback, an answer, a source</span>
        <textarea
          rows={3}
          class="code"
          placeholder='{ "feedback": "blim is lose" }'
          value={data.value}
          onInput={({ currentTarget }) => (data.value = currentTarget.value)}
        />
      </label>
      {error.value !== undefined && (
        <p class="error written" role="alert">
          {error.value}
        </p>
      )}
      <div class="row">
        <button type="submit" class="main">
          Keep it
        </button>
        <button type="button" onClick={onCancel}>
          Leave it
        </button>
      </div>
    </form>
  );
}
