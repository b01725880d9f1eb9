/** The playground's routes: what there is to compose with, a formula before it is run, and runs as streams of pictures. */
import { Hono } from 'hono';
import { textOf } from '../../core/index.ts';
import { FORMULA_LENGTH } from '../../core/bounds.ts';
import { isAnswerFormat } from '../../core/reading/extract.ts';
import { techniques as catalog } from '../../catalog.ts';
import { namesInFormula } from '../../config/models.ts';
import { composer } from '../../serve/composing.ts';
import { Refusal } from '../../serve/failure.ts';
import { requestId } from '../../serve/http/id.ts';
import { ANYBODY } from '../../serve/keys/keys.ts';
import { BUILT_IN_TASKS, loadTask } from '../../tasks/index.ts';
import { fieldsOf, optional, text, whole, type Fields } from '../body.ts';
import type { StudioOptions } from '../options.ts';
import { check, type Composing } from './check.ts';
import { derive, nextTokens } from './derive.ts';
import { factsOf } from './facts.ts';
import type { Asked, Derived, Facts, PlayEvent, TaskItem } from './protocol.ts';
import { MOST_SAMPLES, play, requestOf, type Running } from './run.ts';
import { isTurn, MOST_TURNS, ROLES, type Turn } from './turns.ts';

const MOST_ITEMS = 50;
const MOST_POSITION = 100_000;
const MOST_SEED = 2 ** 53 - 1;
const MOST_CALLS = 10_000_000;

/** Tasks that are there without a file of anybody's. */
const TASKS = BUILT_IN_TASKS.map(({ name }) => name).filter((name) => !name.endsWith(':FILE'));

export function playRoutes({ serving, store, finite = [] }: StudioOptions): Hono {
  const app = new Hono();
  const { techniques = catalog, scorers = {}, functions = {}, models = {}, listed = [] } = serving;
  const made = composer(serving);
  const composing: Composing = {
    compose: (formula) => made.compose(formula, ANYBODY),
    isFinite(formula) {
      const scope = { techniques, scorers, functions };
      return namesInFormula(formula, scope).every((name) => finite.includes(name));
    },
  };
  const running = (signal: AbortSignal): Running => ({
    ...composing,
    host: serving.hostFor?.(ANYBODY),
    journal: store?.journal,
    signal,
    now: () => performance.now(),
  });

  app.get('/facts', (call) =>
    call.json({
      techniques: techniques.map(factsOf),
      models: [...new Set([...Object.keys(models), ...listed])],
      scorers: Object.keys(scorers),
      tasks: TASKS,
    } satisfies Facts),
  );
  app.get('/items/:task', async (call) => {
    const name = call.req.param('task');
    if (!TASKS.includes(name))
      throw new Refusal(`There is no task ${name.slice(0, 200)} here. There are: ${TASKS.join(', ')}.`, {
        status: 404,
      });
    const { items } = await loadTask(name);
    return call.json(
      items.slice(0, MOST_ITEMS).map(({ id, request, expected }): TaskItem => ({
        id,
        question: request.prompt
          .map(({ content }) => (typeof content === 'string' ? content : textOf(content)))
          .join('\n'),
        expected: typeof expected === 'string' ? expected : undefined,
      })),
    );
  });
  app.post('/check', async (call) => {
    const fields = await fieldsOf(call.req.raw);
    const request = requestOf({ question: text(fields, 'question'), turns: optional(fields, 'turns', turnsIn) });
    return call.json(await check(formulaIn(fields['formula']), request, composing));
  });
  app.post('/run', async (call) => {
    const asked = askedIn(await fieldsOf(call.req.raw));
    return stream(call.req.raw.signal, (signal) => play(asked, running(signal)));
  });
  app.post('/derive', async (call) => {
    const fields = await fieldsOf(call.req.raw);
    const asked = askedIn(fields);
    const { root, derived } = await derive(
      asked,
      whole(fields, 'index', 0, MOST_SAMPLES),
      running(call.req.raw.signal),
    );
    // Draws are gone through until one gave the answer: the others are nobody's to look at.
    const wanted = optional(fields, 'answer', text);
    const id = store && (wanted === undefined || derived.answer === wanted) ? requestId() : undefined;
    if (store && id) await store.traces.put({ id, root });
    return call.json({ ...derived, trace: id } satisfies Derived);
  });
  app.post('/next', async (call) => {
    const fields = await fieldsOf(call.req.raw);
    const position = whole(fields, 'position', 0, MOST_POSITION);
    return call.json(await nextTokens(askedIn(fields), text(fields, 'text'), position, running(call.req.raw.signal)));
  });
  return app;
}

function askedIn(fields: Fields): Asked {
  const { formulas } = fields;
  if (!Array.isArray(formulas) || formulas.length < 1 || formulas.length > 2)
    throw new Refusal('formulas must be a list of one or two formulas.', { param: 'formulas', code: 'invalid_value' });
  return {
    question: text(fields, 'question'),
    turns: optional(fields, 'turns', turnsIn),
    formulas: formulas.map(formulaIn),
    seed: whole(fields, 'seed', 0, MOST_SEED),
    samples: whole(fields, 'samples', 1, MOST_SAMPLES),
    answers: optional(fields, 'answers', formatIn),
    calls: optional(fields, 'calls', (all, name) => whole(all, name, 1, MOST_CALLS)),
    temperature: optional(fields, 'temperature', temperatureIn),
  };
}

function formulaIn(value: unknown): string {
  if (typeof value !== 'string' || value.length > FORMULA_LENGTH)
    throw new Refusal(`A formula is a text of at most ${FORMULA_LENGTH} letters.`, { param: 'formula' });
  return value;
}

function turnsIn(fields: Fields, name: string): readonly Turn[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > MOST_TURNS || !value.every(isTurn))
    throw new Refusal(
      `${name} must be a list of at most ${MOST_TURNS} messages, each {"role", "text"}, of ${ROLES.join(', ')}.`,
      { param: name, code: 'invalid_value' },
    );
  return value;
}

function formatIn(fields: Fields, name: string): string {
  const value = text(fields, name, 200);
  if (!isAnswerFormat(value)) throw new Refusal(`answers names no kind of answer: ${value}.`, { param: name });
  return value;
}

function temperatureIn(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !(value >= 0 && value <= 100))
    throw new Refusal('temperature must be a number from 0 to 100.', { param: name });
  return value;
}

/** Server-sent events until they end, or until nobody listens any more. */
function stream(left: AbortSignal, make: (signal: AbortSignal) => AsyncGenerator<PlayEvent, void, void>): Response {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  left.addEventListener('abort', stop, { once: true });
  const events = make(controller.signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(out) {
        const { done, value } = await events.next();
        if (done) {
          left.removeEventListener('abort', stop);
          out.close();
        } else out.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
}
