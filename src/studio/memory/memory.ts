/** The routes of memory: what is remembered, found as a model finds it, written and deleted by hand. */
import { Hono } from 'hono';
import { StoreError, type Note } from '../../core/index.ts';
import { object } from '../../models/openai/protocol/index.ts';
import { errorAnswer, Refusal, refusalOf } from '../../serve/failure.ts';
import { toResponse } from '../../serve/http/answer.ts';
import { requestId } from '../../serve/http/id.ts';
import type { OpenMemory } from '../../store/index.ts';
import { fieldsOf, optional, text, type Fields } from '../body.ts';
import type { StudioOptions } from '../options.ts';
import type { FoundNote, KeptNote, ListedNote, Namespaces, Notes, ShownNote } from './protocol.ts';

const A_PAGE = 50;
const MOST_FOUND = 100;
const MOST_USES = 20;
const MOST_NAME = 1000;
const LISTED_LETTERS = 600;

export function memoryRoutes({ memory: open, store, served }: StudioOptions): Hono {
  const app = new Hono();
  const memory = (): OpenMemory => {
    if (!open) throw new Refusal('No memory is open. Name one with `plusx studio --memory FILE`.', { status: 404 });
    return open;
  };
  const noteAt = async (namespace: string, id: string): Promise<Note> => {
    const [note] = await memory().list(namespace, [id]);
    if (!note) throw new Refusal('The note is not there any more.', { status: 404, code: 'not_found' });
    return note;
  };

  // Namespaces and ids are any text, `..` among them: they stand in the query, and never in the path.
  app.get('/', async (call) =>
    call.json({ isOpen: open !== undefined, namespaces: (await open?.sizes()) ?? [] } satisfies Namespaces),
  );
  app.get('/notes', async (call) => {
    const { in: namespace, after } = call.req.query();
    const { notes, next } = await memory().page(given(namespace, 'in'), { after: wholeOf(after), most: A_PAGE });
    return call.json({ notes: notes.map(listed), next } satisfies Notes);
  });
  app.get('/search', async (call) => {
    const { in: namespace, q } = call.req.query();
    const found = await memory().explain(given(namespace, 'in'), given(q, 'q'), MOST_FOUND);
    return call.json(
      found.map((note): FoundNote => {
        const { byWords, byVectors, score, similarity } = note;
        return { ...listed(note), byWords, byVectors, score, similarity };
      }),
    );
  });
  app.get('/note', async (call) => {
    const { in: namespace, id } = call.req.query();
    const note = await noteAt(given(namespace, 'in'), given(id, 'id'));
    const uses = await Promise.all([store, served].flatMap((one) => (one ? [one.uses(note, MOST_USES)] : [])));
    return call.json({
      id: note.id,
      text: note.text,
      data: note.data && JSON.stringify(note.data, null, 2),
      items: uses.flatMap(({ items }) => items),
      traces: uses.flatMap(({ traces }) => traces),
    } satisfies ShownNote);
  });
  app.post('/note', async (call) => {
    const fields = await fieldsOf(call.req.raw);
    const namespace = text(fields, 'in', MOST_NAME);
    const data = optional(fields, 'data', dataIn);
    const note = {
      id: optional(fields, 'id', (all, name) => text(all, name, MOST_NAME)) ?? requestId(),
      text: text(fields, 'text'),
      ...(data && Object.keys(data).length > 0 && { data }),
    };
    if (note.text.trim() === '') throw new Refusal('The note is empty. Write what it is to be found by.');
    if (namespace.trim() === '') throw new Refusal('Name the namespace that the note goes into, such as `default`.');
    await memory().put(namespace, [note]);
    return call.json({ id: note.id } satisfies KeptNote);
  });
  app.delete('/note', async (call) => {
    const { in: namespace, id } = call.req.query();
    return call.json({ deleted: await memory().remove(given(namespace, 'in'), [given(id, 'id')]) });
  });
  app.delete('/namespace', async (call) => {
    const { in: namespace } = call.req.query();
    return call.json({ deleted: await memory().remove(given(namespace, 'in')) });
  });
  // Whoever opens the studio keeps the memory: what the store says is for them to mend.
  app.onError((error) =>
    toResponse(
      errorAnswer(
        error instanceof StoreError
          ? new Refusal(error.message, { status: 500, code: 'store_failed' })
          : refusalOf(error),
      ),
    ),
  );
  return app;
}

function given(value: string | undefined, name: string): string {
  if (value === undefined) throw new Refusal(`Say ${name}.`, { param: name, code: 'missing' });
  return value;
}

const wholeOf = (value: string | undefined): number => Math.max(0, Math.floor(Number(value ?? 0)) || 0);

function dataIn(fields: Fields, name: string): Note['data'] {
  const data = object(fields[name]);
  if (!data)
    throw new Refusal('What a note says beyond its text is a JSON object.', { param: name, code: 'invalid_value' });
  return data as Note['data'];
}

function listed({ id, text: whole, data = {} }: Note): ListedNote {
  return {
    id,
    text: cut(whole),
    facts: Object.entries(data).map(([name, value]) => [
      cut(name),
      cut(typeof value === 'string' ? value : JSON.stringify(value)),
    ]),
  };
}

const cut = (value: string): string => (value.length > LISTED_LETTERS ? `${value.slice(0, LISTED_LETTERS)}…` : value);
