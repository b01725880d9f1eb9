/**
 * Makes a model of a back end. A back end answers calls; everything a call is surrounded by happens here, once for all
 * of them: address, journal, budget, usage, trace, cancellation, counting what came back and topping it up.
 */
import { createLedger } from '../accounts/ledger.ts';
import type { Need } from '../accounts/budget.ts';
import { UNREPORTED_CALL, type Usage, reportedUsage, splitUsage } from '../accounts/usage.ts';
import { CANDIDATES_A_CALL } from '../bounds.ts';
import { onAbort, stoppable, stoppableParts } from '../context/abort.ts';
import { type Context, fork } from '../context/context.ts';
import { gather } from '../context/gather.ts';
import { MalformedReply, NoCandidates } from '../errors.ts';
import { checkDraws, type Model, type StreamPart } from '../model.ts';
import type { Request, Sample, Sampled, Scored, Warning } from '../sample.ts';
import { metered } from '../tokens/meter.ts';
import { noteTerms } from '../tokens/terms.ts';
import { type Candidate, type JournalEntry, requestKey } from './journal.ts';
import { partsOf } from '../stream.ts';
import { admit, record, unlessAborted } from './account.ts';
import type { Backend, Reply } from './backend.ts';
import type { Drawn } from './heeding.ts';
import { split, splitStream } from './border.ts';

export function fromBackend(backend: Backend): Model {
  const { name, can, prompts, stream, score, open } = backend;
  const model: Model = {
    name,
    can,
    ...(prompts && { prompts }),
    sample: (request, context) => draw(backend, request, context),
    ...(stream && { stream: (request, context) => streamBackend(backend, request, context) }),
    ...(can.continueFrom && { continueFrom: (request, prefix, context) => draw(backend, request, context, prefix) }),
    ...(can.score && score && { score: (request, text, context) => scored(backend, request, text, context) }),
    ...(can.next &&
      open && {
        open: async (request, context) =>
          metered(await open.call(backend, request, context), backend.price, context.meter),
      }),
  };
  return noteTerms(model, backend);
}

async function draw(backend: Backend, request: Request, context: Context, prefix?: string): Promise<Sampled> {
  const { n = 1, from = 0 } = request;
  checkDraws(backend.name, n);
  const ledger = createLedger(context.ledger);
  const inner: Context = { ...context, ledger };
  if (n > 1 && request.temperature === 0) ledger.warn(greedy(backend, n));
  const size = backend.native?.() ? CANDIDATES_A_CALL : 1;
  const groups = new Map<number, Promise<Group>>();
  const groupOf = (i: number): Promise<Group> => {
    const first = i - (i % size);
    const last = Math.min(first + size, n) - 1;
    const keys = (): string[] => Array.from({ length: last - first + 1 }, (_, j) => `draw/${from + first + j}`);
    const group = groups.get(first) ?? open(backend, request, inner, keys(), prefix);
    if (i < last) groups.set(first, group);
    else groups.delete(first);
    return group;
  };
  const one = async (i: number, signal: AbortSignal): Promise<Sample> => {
    const { places, found, missing, together } = await groupOf(i);
    const at = places[i % size] as Place;
    const entry = found[i % size];
    if (entry) return replay(backend, request, at, entry);
    const got = together && (await together)[missing.indexOf(at)];
    return got ?? single(backend, request, { ...at, context: { ...at.context, signal } }, prefix);
  };
  const tasks = {
    length: n,
    at:
      (i: number) =>
      async ({ signal }: Context) =>
        one(i, signal),
  };
  const samples = await gather(inner, tasks, { alike: true });
  return { samples, usage: ledger.usage, warnings: ledger.warnings, exhausted: ledger.exhausted };
}

/** Draws that are looked up, and called for where they are missing, together. */
interface Group {
  readonly places: readonly Place[];
  readonly found: readonly (JournalEntry | undefined)[];
  readonly missing: readonly Place[];
  /** The call for those that are missing, where the back end takes several at once. */
  readonly together: Promise<(Sample | undefined)[]> | undefined;
}

async function open(
  backend: Backend,
  request: Request,
  context: Context,
  keys: readonly string[],
  prefix?: string,
): Promise<Group> {
  const places = keys.map((key) => place(backend, request, fork(context, key), prefix));
  const found = await Promise.all(
    places.map(async ({ context: at, key }) => (key === undefined ? undefined : at.journal?.get(key))),
  );
  const missing = places.filter((_, i) => !found[i]);
  const together =
    missing.length > 1 && backend.native?.() ? shared(backend, request, missing, context, prefix) : undefined;
  together?.catch(() => {}); // whoever still waits for it hears of it
  return { places, found, missing, together };
}

/** The call of one candidate: reserve, call, settle, keep. */
async function single(backend: Backend, request: Request, at: Place, prefix?: string): Promise<Sample> {
  const { context } = at;
  const admitted = await admit(context, needOf(backend, request, 1, prefix));
  const reservation = unlessAborted(admitted, context.signal);
  const start = context.clock.now();
  let usage: Usage = UNREPORTED_CALL;
  let candidate: Candidate | undefined;
  try {
    const capped = cap(request, reservation.maxOutputTokens);
    const reply = await stoppable(
      backend.call({ ...capped, n: 1 }, { choices: [context.choice], signal: context.signal, context, prefix }),
      context.signal,
    );
    [candidate] = reply.candidates;
    if (!candidate) throw new NoCandidates({ technique: backend.name, why: 'the back end sent an empty reply' });
    usage = reportedUsage(reply.usage, 1);
    heed(reply.warnings, context);
    watch(backend, request, [{ id: context.choice.id, candidate }], usage, context, prefix);
  } finally {
    reservation.settle(usage);
    record(
      backend,
      context,
      usage,
      candidate,
      start,
      candidate ? 'ok' : context.signal.aborted ? 'cancelled' : 'error',
    );
  }
  if (at.key !== undefined) await context.journal?.put(at.key, { candidate, usage });
  return toSample(backend, candidate, usage);
}

/** One call for several candidates. What does not come back is left `undefined`, to be asked for one by one. */
async function shared(
  backend: Backend,
  request: Request,
  places: readonly Place[],
  context: Context,
  prefix?: string,
): Promise<(Sample | undefined)[]> {
  const { clock, signal } = context;
  const admitted = await admit(context, needOf(backend, request, places.length, prefix));
  const reservation = unlessAborted(admitted, context.signal);
  const wanted = places.slice(0, reservation.calls);
  const start = clock.now();
  let usage: Usage = { ...UNREPORTED_CALL, calls: wanted.length, unreported: wanted.length };
  let candidates: readonly Candidate[] = [];
  const [first] = wanted as [Place];
  try {
    const capped = cap(request, reservation.maxOutputTokens);
    const choices = wanted.map((at) => at.context.choice);
    const reply = await stoppable(
      backend.call({ ...capped, n: wanted.length }, { choices, signal, context, prefix }),
      signal,
    );
    candidates = reply.candidates.slice(0, wanted.length);
    usage = reportedUsage(reply.usage, candidates.length);
    heed(reply.warnings, context);
    const drawn = candidates.map((candidate, i) => ({ id: (wanted[i] as Place).context.choice.id, candidate }));
    watch(backend, request, drawn, usage, context, prefix);
    if (reply.candidates.length !== wanted.length)
      context.ledger.warn(miscounted(backend, wanted.length, reply.candidates.length));
  } finally {
    reservation.settle(usage);
    record(
      backend,
      first.context,
      usage,
      candidates[0],
      start,
      candidates.length > 0 ? 'ok' : signal.aborted ? 'cancelled' : 'error',
    );
  }
  const each = splitUsage(usage, candidates.length, {
    price: backend.price,
    mostInput: backend.bound(request).inputTokens + (prefix?.length ?? 0) * 3,
  });
  await Promise.all(
    candidates.map(async (candidate, i) =>
      wanted[i]?.key === undefined
        ? undefined
        : context.journal?.put(wanted[i].key, { candidate, usage: each[i] as Usage, shared: true }),
    ),
  );
  return candidates.map((candidate) => toSample(backend, candidate, undefined));
}

async function scored(backend: Backend, request: Request, text: string, context: Context): Promise<Scored> {
  const { context: at, key } = place(backend, request, fork(context, 'score'), text);
  const known = key === undefined ? undefined : await context.journal?.get(key);
  if (known) {
    const { usage } = await replay(backend, request, { context: at, key }, known);
    const { logprob = NaN, tokens } = known.candidate;
    return { logprob, tokens, usage: usage ?? known.usage };
  }
  const { inputTokens } = backend.bound(request);
  const need = { calls: 1, inputTokens: inputTokens + text.length * 4, outputTokens: 1, price: backend.price };
  const admitted = await admit(context, need);
  const reservation = unlessAborted(admitted, context.signal);
  let usage: Usage = UNREPORTED_CALL;
  let result: Omit<Scored, 'usage'> & Pick<Reply, 'usage'>;
  const start = context.clock.now();
  try {
    if (!backend.score) throw new TypeError(`${backend.name}: no score`);
    result = await stoppable(
      backend.score(request, text, { choices: [at.choice], signal: context.signal, context: at }),
      context.signal,
    );
    usage = reportedUsage(result.usage, 1);
  } finally {
    reservation.settle(usage);
    record(backend, at, usage, undefined, start, usage.unreported ? 'error' : 'ok');
  }
  const { logprob, tokens } = result;
  if (key !== undefined)
    await context.journal?.put(key, {
      candidate: { content: [], finish: { unified: 'other', raw: 'score' }, logprob, tokens },
      usage,
    });
  return { ...result, usage };
}

/** Streams one candidate of a back end. Whoever stops reading stops the call. */
async function* streamBackend(backend: Backend, request: Request, outer: Context): AsyncGenerator<StreamPart> {
  const ledger = createLedger(outer.ledger);
  const context = fork({ ...outer, ledger }, `draw/${request.from ?? 0}`);
  const done = (sample: Sample): StreamPart => {
    const sampled: Sampled = {
      samples: [sample],
      usage: ledger.usage,
      warnings: ledger.warnings,
      exhausted: ledger.exhausted,
    };
    return { type: 'finish', sampled };
  };
  const at = place(backend, request, context);
  const entry = at.key === undefined ? undefined : await context.journal?.get(at.key);
  if (entry) {
    const sample = await replay(backend, request, at, entry);
    const { content, tokens, written } = entry.candidate;
    const parts = splitStream(partsOf(content, tokens), written === undefined ? backend.thoughts : false);
    for await (const part of parts) if (part.type !== 'reply') yield part;
    yield done(sample);
    return;
  }
  if (!backend.stream) throw new TypeError(`${backend.name}: no stream`);
  const admitted = await admit(context, { calls: 1, ...backend.bound(request), price: backend.price });
  const reservation = unlessAborted(admitted, context.signal);
  const start = context.clock.now();
  const stopper = new AbortController();
  const follow = (): void => stopper.abort(context.signal.reason);
  const unfollow = onAbort(context.signal, follow);
  let usage: Usage = UNREPORTED_CALL;
  let candidate: Candidate | undefined;
  try {
    const io = { choices: [context.choice], signal: stopper.signal, context };
    const written = backend.stream({ ...cap(request, reservation.maxOutputTokens), n: 1 }, io);
    for await (const part of splitStream(stoppableParts(written, context.signal), backend.thoughts)) {
      if (part.type === 'reply') {
        candidate = part.candidate;
        usage = reportedUsage(part.usage, 1);
        heed(part.warnings, context);
        watch(backend, request, [{ id: context.choice.id, candidate }], usage, context);
      } else {
        context.signal.throwIfAborted(); // parts that came in one piece with others are not handed on either
        yield part;
      }
    }
  } finally {
    unfollow();
    if (!candidate) stopper.abort(new DOMException('The stream was closed.', 'AbortError'));
    reservation.settle(usage);
    record(backend, context, usage, candidate, start, candidate ? 'ok' : 'cancelled');
  }
  if (!candidate) throw new MalformedReply({ url: backend.name, why: 'the stream ended without a reply', body: '' });
  if (at.key !== undefined) await context.journal?.put(at.key, { candidate, usage });
  context.signal.throwIfAborted();
  yield done(toSample(backend, candidate, usage));
}

// The book-keeping of a call: where it stands in the run, what it may take, what it leaves in the trace.

/** What a call may take at most, the text it goes on from included: no token is shorter than a byte. */
function needOf(backend: Backend, request: Request, calls: number, prefix = ''): Need {
  const { inputTokens, outputTokens } = backend.bound(request);
  return { calls, inputTokens: inputTokens + prefix.length * 3, outputTokens, price: backend.price };
}

function heed(warnings: Reply['warnings'], { ledger }: Context): void {
  for (const warning of warnings ?? []) ledger.warn(warning);
}

/** Says what of a request a back end does not heed. */
function watch(
  { name, heeding }: Backend,
  request: Request,
  drawn: readonly Drawn[],
  { outputTokens }: Usage,
  { ledger }: Context,
  prefix = '',
): void {
  const warnings = prefix === '' ? heeding?.note(request, drawn, outputTokens) : [];
  for (const { code, message } of warnings ?? []) ledger.warn({ code, message: `${name}: ${message}` });
}

/** A reply of another number of candidates than asked for. */
function miscounted({ name }: Backend, wanted: number, got: number): Warning {
  return got < wanted
    ? {
        code: 'n-ignored',
        message: `${name} returned ${got} of ${wanted} candidates: the rest is asked for one by one`,
      }
    : { code: 'n-exceeded', message: `${name} returned ${got} candidates for ${wanted}: the extra ones are dropped` };
}

/** Several draws at temperature 0: most back ends give the same answer each time, and each is paid for. */
function greedy({ name }: Backend, n: number): Warning {
  return { code: 'greedy-n', message: `${name}: ${n} draws at temperature 0 are likely all the same` };
}

/** One candidate's place in the run: its context, and its journal key where there is a journal. */
interface Place {
  readonly context: Context;
  readonly key: string | undefined;
}

function place(backend: Backend, request: Request, context: Context, prefix?: string): Place {
  const key =
    context.journal &&
    `${backend.identity ?? backend.name}\n${prefix ?? ''}\n${requestKey(request)}\n${context.choice.id}`;
  return { context, key };
}

/** A journal hit: the budget is charged as it was the first time, so that a resumed run ends as the whole one would. */
async function replay(
  backend: Backend,
  request: Request,
  { context }: Place,
  { candidate, usage: kept, shared: isShared }: JournalEntry,
): Promise<Sample> {
  const usage = reportedUsage(kept, 1);
  const outputTokens = usage.outputTokens ?? backend.bound(request).outputTokens;
  const { settle } = await context.budget.reserve(
    {
      calls: 1,
      inputTokens: usage.inputTokens ?? backend.bound(request).inputTokens,
      outputTokens,
      price: backend.price,
    },
    context.signal,
  );
  settle(usage);
  const used = { ...usage, replays: usage.calls };
  record(backend, context, used, candidate, context.clock.now(), 'replayed');
  return toSample(backend, candidate, isShared ? undefined : used);
}

/** The request with no more output tokens than a budget allows. */
function cap(request: Request, maxOutputTokens: number | undefined): Request {
  return maxOutputTokens === undefined || (request.maxOutputTokens ?? Infinity) <= maxOutputTokens
    ? request
    : { ...request, maxOutputTokens };
}

function toSample(backend: Backend, candidate: Candidate, usage: Usage | undefined): Sample {
  return { weight: 1, semantics: backend.semantics, ...split(candidate, backend.thoughts), usage };
}
