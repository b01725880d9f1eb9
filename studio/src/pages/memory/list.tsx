/** The notes of a namespace in their order, or those that a search found, with the place of each in both rankings. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { FoundNote, ListedNote, Notes } from '../../../../src/studio/memory/protocol.ts';
import { get } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { wordsOf } from '../../shell/words.ts';
import { addressOf, asked } from './address.ts';

export interface NoteListProps {
  readonly namespace: string;
  readonly q: string;
  readonly chosen: string | undefined;
  /** Changes when notes were written or deleted. */
  readonly turn: number;
}

export function NoteList(props: NoteListProps) {
  return props.q === '' ? <All key={`${props.namespace} ${props.turn}`} {...props} /> : <Found {...props} />;
}

function All({ namespace, chosen }: NoteListProps) {
  const { value, error } = useLoaded(namespace, (signal) =>
    get<Notes>(`memory/notes?${asked({ in: namespace })}`, signal),
  );
  const later = useSignal<readonly Notes[]>([]);
  const trouble = useSignal<string | undefined>(undefined);
  const { next } = later.value.at(-1) ?? value ?? {};
  const more = async (): Promise<void> => {
    try {
      const page = await get<Notes>(`memory/notes?${asked({ in: namespace, after: `${next}` })}`);
      later.value = [...later.value, page];
      trouble.value = undefined;
    } catch (met) {
      trouble.value = wordsOf(met);
    }
  };
  const notes = [value, ...later.value].flatMap((page) => page?.notes ?? []);
  return (
    <section class="stack list" aria-label="Notes">
      <Trouble words={error ?? trouble.value} />
      {value && notes.length === 0 && <p class="quiet">This namespace has no notes any more.</p>}
      <ul class="notes">
        {notes.map((note) => (
          <li key={note.id}>
            <Line note={note} address={addressOf({ in: namespace, note: note.id })} isChosen={note.id === chosen} />
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <p>
          <button type="button" onClick={() => void more()}>
            More
          </button>
        </p>
      )}
    </section>
  );
}

function Found({ namespace, q, chosen, turn }: NoteListProps) {
  const { value, error } = useLoaded(`${turn} ${namespace}\n${q}`, (signal) =>
    get<readonly FoundNote[]>(`memory/search?${asked({ in: namespace, q })}`, signal),
  );
  // What was found before stays until there is something else.
  const last = useRef(value);
  useEffect(() => {
    if (value) last.current = value;
  }, [value]);
  const found = value ?? last.current ?? [];
  return (
    <section class="stack list" aria-label="Found">
      <Trouble words={error} />
      {value?.length === 0 ? (
        <p class="quiet">Nothing is near to that. A model that asks it is told nothing.</p>
      ) : (
        <>
          <p class="small quiet">
            In the order in which a model is told them: the two rankings, by words and by vectors, are fused by rank.
          </p>
          <div class="wide" tabIndex={0} role="region" aria-label="Found notes">
            <table>
              <thead>
                <tr>
                  <th class="number">Place</th>
                  <th class="number">Words</th>
                  <th class="number">Vectors</th>
                  <th class="number">Cosine</th>
                  <th>Note</th>
                </tr>
              </thead>
              <tbody>
                {found.map((note, i) => (
                  <tr key={note.id}>
                    <td class="number strong">{i + 1}</td>
                    <td class="number">{note.byWords ?? <None />}</td>
                    <td class="number">{note.byVectors ?? <None />}</td>
                    <td class="number">{note.similarity?.toFixed(2) ?? <None />}</td>
                    <td class="what">
                      <Line
                        note={note}
                        address={addressOf({ in: namespace, q, note: note.id })}
                        isChosen={note.id === chosen}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

const None = () => <span class="quiet">none</span>;

function Line({
  note: { id, text, facts },
  address,
  isChosen,
}: {
  readonly note: ListedNote;
  readonly address: string;
  readonly isChosen: boolean;
}) {
  return (
    <a class={`note-line${isChosen ? ' chosen' : ''}`} href={address} aria-current={isChosen ? 'true' : undefined}>
      <span class="one-line">{text.trim() === '' ? `An empty note ${id}` : text}</span>
      {facts.length > 0 && (
        <span class="one-line small quiet">{facts.map(([name, value]) => `${name}: ${value}`).join(' · ')}</span>
      )}
    </a>
  );
}

function Trouble({ words }: { readonly words: string | undefined }) {
  if (words === undefined) return null;
  return (
    <p class="error written" role="alert">
      {words}
    </p>
  );
}
