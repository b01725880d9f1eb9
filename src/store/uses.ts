/** In which answers a note was used. */
import { decodeJson, type Note } from '../core/index.ts';
import type { Driver, Statement } from './driver.ts';
import type { Writer } from './group-commit.ts';

export interface Uses {
  /** Results whose technique says that it was given the note. */
  readonly items: readonly { readonly run: string; readonly item: string }[];
  /** Traces in which the text of the note stands, where texts are kept. */
  readonly traces: readonly { readonly id: string; readonly created: string }[];
}

/** Letters of a note by which it is found in other texts. */
const LETTERS = 200;
/** Candidates that are read for one that is found. */
const LOOKED_AT = 4;

export function usesIn(driver: Driver, writer: Writer): (note: Note, most: number) => Promise<Uses> {
  return async (note, most) => {
    await writer.flush();
    const [items, traces] = await Promise.all([
      driver.read(itemsLike(note, most * LOOKED_AT)),
      driver.read(tracesLike(note, most)),
    ]);
    return {
      items: items
        .filter((row) => isGiven(decodeJson(String(row['result'])), note))
        .slice(0, most)
        .map((row) => ({ run: String(row['run']), item: String(row['item']) })),
      traces: traces.map((row) => ({ id: String(row['id']), created: String(row['created']) })),
    };
  };
}

/** Facts that hold what was looked up: `rag` names the ids of pages, the others say what their notes say. */
function itemsLike(note: Note, most: number): Statement {
  const named = [
    `"pages":[%"${start(note.id)}`,
    ...['notes', 'principles'].map((name) => `"${name}":[%"${start(saidBy(note))}`),
  ];
  return {
    sql: `SELECT run, item, result FROM items
          WHERE result LIKE ? ESCAPE '!' OR result LIKE ? ESCAPE '!' OR result LIKE ? ESCAPE '!' ORDER BY run, item LIMIT ?`,
    params: [...named.map((text) => `%${text}%`), most],
  };
}

function tracesLike({ text }: Note, most: number): Statement {
  return {
    // Where taking the text out makes another one, it stands there: `LIKE` is blind to the case of letters in SQLite alone.
    sql: `SELECT id, created FROM traces WHERE replace(trace, ?, '') <> trace ORDER BY created DESC, id DESC LIMIT ?`,
    // An empty note stands everywhere.
    params: [begin(text), text.trim() === '' ? 0 : most],
  };
}

/** How a text begins, as it is written in JSON. */
function begin(text: string): string {
  const letters = text.slice(0, LETTERS).replace(/[\uD800-\uDBFF]$/, ''); // no half of a pair
  return JSON.stringify(letters).slice(1, -1);
}

/** The same for a pattern. Databases take patterns of some thousand letters only. */
const start = (text: string): string => begin(text).replaceAll(/[!%_]/g, '!$&');

function isGiven(result: unknown, note: Note): boolean {
  const { replies } = result as { readonly replies?: readonly { readonly facts?: Facts }[] };
  return (replies ?? []).some(
    ({ facts }) =>
      listed(facts?.['pages']).includes(note.id) ||
      ['notes', 'principles'].some((name) => listed(facts?.[name]).includes(saidBy(note))),
  );
}

type Facts = { readonly [name: string]: unknown };

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** As it stands in a prompt: the feedback it keeps, or its own text, on one line. */
function saidBy({ text, data }: Note): string {
  const feedback = data?.['feedback'];
  return (typeof feedback === 'string' ? feedback : text).replaceAll(/\s+/g, ' ').trim();
}
