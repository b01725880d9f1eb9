/** What is read from a note, and the name it is kept under. */
import { hash, type Note } from '../../core/index.ts';

/** A name for a note that is the same for the same texts: what is remembered twice, as in a resumed run, is one note. */
export function noteId(...texts: readonly string[]): string {
  return hash(JSON.stringify(texts))
    .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    .join('');
}

/** One of a note's data, where it is a text. */
export function textIn({ data }: Note, name: string): string | undefined {
  const value = data?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** What a note says, on one line: the feedback it keeps, or its own text. */
export function noteText(note: Note): string {
  return (textIn(note, 'feedback') ?? note.text).replaceAll(/\s+/g, ' ').trim();
}
