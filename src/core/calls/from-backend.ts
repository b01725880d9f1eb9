/**
 * Makes a model of a back end. A back end answers calls; everything a call is surrounded by happens here, once for all
 * of them: address, journal, budget, usage, trace, cancellation, counting what came back and topping it up.
 */
import { createLedger } from '../accounts/ledger.ts';
import type { Need, Reservation } from '../accounts/budget.ts';
import { UNREPORTED_CALL, type Usage, reportedUsage, splitUsage } from '../accounts/usage.ts';
import { CANDIDATES_A_CALL } from '../bounds.ts';
import { onAbort, stoppable, stoppableParts } from '../context/abort.ts';
import { hash } from '../context/choice.ts';
import { type Context, drawAt, fork } from '../context/context.ts';
import { gather } from '../context/gather.ts';
import { MalformedReply, NoCandidates } from '../errors.ts';
import { checkDraws, type Model, type StreamPart } from '../model.ts';
import type { Request, Sample, Sampled, Scored, Warning } from '../sample.ts';
import { metered } from '../tokens/meter.ts';
import { noteTerms } from '../tokens/terms.ts';
import { type Candidate, type JournalEntry, requestKey } from './journal.ts';
import { partsOf } from '../stream.ts';
import { admit, chargedOnce, begin, record, unlessAborted, type Begun } from './account.ts';
import type { Backend, Reply } from './backend.ts';
import { type Departure, depart, flightOf, landedOf, type Landing } from './flights.ts';
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
    const numbers = (): number[] => Array.from({ length: last - first + 1 }, (_, j) => from + first + j);
    const group = groups.get(first) ?? open(backend, request, inner, numbers(), prefix);
    if (i < last) groups.set(first, group);
    else groups.delete(first);
    return group;
  };
  const one = async (i: number, signal: AbortSignal): Promise<Sample> => {
    const { places, found, together } = await groupOf(i);
    const at = places[i % size] as Place;
    const entry = found[i % size];
    if (entry) return replay(backend, request, at, entry);
    const got = together && (await together).get(at);
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
  /** The call for those that are missing, where the back end takes several at once. */
  readonly together: Promise<ReadonlyMap<Place, Sample>> | undefined;
}

async function open(
  backend: Backend,
  request: Request,
  context: Context,
  numbers: readonly number[],
  prefix?: string,
): Promise<Group> {
  const places = numbers.map((i) => place(backend, request, drawAt(context, i), prefix));
  const found = await Promise.all(
    places.map(async ({ context: at, key }) => (key === undefined ? undefined : at.journal?.get(key))),
  );
  const missing = places.filter((_, i) => !found[i]);
  const together =
    missing.length > 1 && backend.native?.() ? shared(backend, request, missing, context, prefix) : undefined;
  together?.catch(() => {}); // whoever still waits for it hears of it
  return { places, found, together };
}

/** One candidate: from a call that is under way for it, or from one of its own. */
async function single(backend: Backend, request: Request, at: Place, prefix?: string): Promise<Sample> {
  const { context, key } = at;
  const { journal } = context;
  for (let { looked } = at; ;) {
    await context.beforeCall?.();
    const flight = journal && key !== undefined ? flightOf(journal, key) : undefined;
    if (flight) {
      const landing = await flight.wait(context.signal);
      if (landing.kind === 'entry') return replay(backend, request, at, landing.entry);
      if (landing.kind === 'broken') throw brokenFor(backend, request, at, landing);
    } else if (journal && key !== undefined && looked !== landedOf(journal)) {
      looked = landedOf(journal);
      const entry = await journal.get(key);
      if (entry) return replay(backend, request, at, entry);
    } else {
      const samples = await call(backend, request, [at], context, prefix);
      const sample = samples.get(at);
      if (sample) return sample;
      throw new NoCandidates({ technique: backend.name, why: 'the back end sent an empty reply' });
    }
  }
}

/** One call for several candidates. What does not come back is left out, to be asked for one by one. */
async function shared(
  backend: Backend,
  request: Request,
  places: readonly Place[],
  context: Context,
  prefix?: string,
): Promise<ReadonlyMap<Place, Sample>> {
  await context.beforeCall?.();
  const { journal } = context;
  let wanted = places;
  if (journal) {
    for (let looked = places[0]?.looked; looked !== landedOf(journal);) {
      looked = landedOf(journal);
      const found = await Promise.all(wanted.map(async ({ key }) => key !== undefined && journal.get(key)));
      wanted = wanted.filter((_, i) => !found[i]);
    }
    // Nothing is awaited between this look and the call, which then is the one that others find.
    wanted = wanted.filter(({ key }) => key === undefined || !flightOf(journal, key));
  }
  return wanted.length === 0 ? new Map() : call(backend, request, wanted, context, prefix);
}

/** The call for candidates: reserve, call, settle, keep. Where `context` is stopped it goes on for others that wait for it. */
async function call(
  backend: Backend,
  request: Request,
  places: readonly Place[],
  context: Context,
  prefix?: string,
): Promise<ReadonlyMap<Place, Sample>> {
  const keys = places.flatMap(({ key }) => key ?? []);
  const flight = depart(context.journal, keys, context.signal);
  let reservation: Reservation;
  try {
    const need = needOf(backend, request, places.length, prefix);
    reservation = unlessAborted(await context.budget.reserve(need, context.signal), context.signal);
  } catch (error) {
    flight.close(GIVEN_UP); // it was this budget, or this one that has left
    throw error;
  }
  const granted = places.slice(0, reservation.calls);
  const capped = { ...cap(request, reservation.maxOutputTokens), n: granted.length };
  const begun = begin(backend, granted[0]?.context ?? context, capped);
  for (const { key } of places.slice(reservation.calls)) if (key !== undefined) flight.land(key, GIVEN_UP);
  const state = { left: false };
  const made = make(backend, request, { granted, reservation, flight, context, state, begun, capped }, prefix);
  made.then(
    () => flight.close(GIVEN_UP),
    (error: unknown) => flight.close({ kind: 'broken', error }),
  );
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      if (flight.signal.aborted) return; // nobody else waits: the call ends, and says so itself
      state.left = true;
      record(
        backend,
        granted[0]?.context ?? context,
        unreported(granted),
        undefined,
        begun,
        'cancelled',
        undefined,
        'used',
      );
      reject(context.signal.reason);
    };
    const stay = onAbort(context.signal, leave);
    made.then(resolve, reject).finally(stay);
  });
}

interface Making {
  readonly granted: readonly Place[];
  readonly reservation: Reservation;
  readonly flight: Departure;
  readonly context: Context;
  /** `left`: the one that makes the call has left, and it is made for others. */
  readonly state: { readonly left: boolean };
  readonly begun: Begun;
  /** The request with what the budget leaves of it. */
  readonly capped: Request;
}

async function make(
  backend: Backend,
  request: Request,
  { granted, reservation, flight, context: outer, state, begun, capped }: Making,
  prefix?: string,
): Promise<ReadonlyMap<Place, Sample>> {
  const [first] = granted as [Place];
  const context: Context = { ...(granted.length === 1 ? first.context : outer), signal: flight.signal };
  let usage = unreported(granted);
  let candidates: readonly Candidate[] = [];
  let error: unknown;
  try {
    const choices = granted.map((at) => at.context.choice);
    const reply = await stoppable(
      within(begun, () => backend.call(told(capped, begun), { choices, signal: flight.signal, context, prefix })),
      flight.signal,
    );
    candidates = reply.candidates.slice(0, granted.length);
    if (candidates.length > 0 || granted.length > 1) usage = reportedUsage(reply.usage, candidates.length);
    heed(reply.warnings, context);
    const drawn = candidates.map((candidate, i) => ({ id: (granted[i] as Place).context.choice.id, candidate }));
    watch(backend, request, drawn, usage, context, prefix);
    if (granted.length > 1 && reply.candidates.length !== granted.length)
      context.ledger.warn(miscounted(backend, granted.length, reply.candidates.length));
  } catch (met) {
    error = met;
    throw met;
  } finally {
    reservation.settle(usage);
    const status = candidates.length > 0 ? 'ok' : flight.signal.aborted ? 'cancelled' : 'error';
    if (state.left) outer.ledger.add(usage, 'spent');
    else
      record(backend, first.context, usage, candidates[0], begun, status, { request, prefix, all: candidates, error });
    for (const [i] of candidates.entries()) noteDrawn(granted[i] as Place);
  }
  const each =
    granted.length === 1
      ? [usage]
      : splitUsage(usage, candidates.length, {
          price: backend.price,
          mostInput: backend.bound(request).inputTokens + (prefix?.length ?? 0) * 3,
        });
  const isShared = granted.length > 1;
  const samples = new Map<Place, Sample>();
  await Promise.all(
    candidates.map(async (candidate, i) => {
      const at = granted[i] as Place;
      samples.set(at, toSample(backend, candidate, isShared ? undefined : usage));
      if (at.key === undefined) return;
      const entry: JournalEntry = { candidate, usage: each[i] as Usage, ...(isShared && { shared: true }) };
      await context.journal?.put(at.key, entry);
      flight.land(at.key, { kind: 'entry', entry });
    }),
  );
  return samples;
}

const GIVEN_UP: Landing = { kind: 'given up' };

const unreported = ({ length }: readonly Place[]): Usage => ({ ...UNREPORTED_CALL, calls: length, unreported: length });

/** The call that this one waited for broke: alone it would have made that call itself. */
function brokenFor(
  backend: Backend,
  request: Request,
  { context }: Place,
  { error }: Extract<Landing, { kind: 'broken' }>,
): unknown {
  record(backend, context, UNREPORTED_CALL, undefined, begin(backend, context, request), 'error', undefined, 'used');
  return error;
}

async function scored(backend: Backend, request: Request, text: string, context: Context): Promise<Scored> {
  const { context: at, key } = place(backend, request, fork(context, 'score'), text);
  const known = key === undefined ? undefined : await context.journal?.get(key);
  if (known) {
    const { usage } = await replay(backend, request, { context: at, key, looked: 0 }, known);
    const { logprob = NaN, tokens } = known.candidate;
    return { logprob, tokens, usage: usage ?? known.usage };
  }
  const { inputTokens } = backend.bound(request);
  const need = { calls: 1, inputTokens: inputTokens + text.length * 4, outputTokens: 1, price: backend.price };
  const admitted = await admit(context, need);
  const reservation = unlessAborted(admitted, context.signal);
  let usage: Usage = UNREPORTED_CALL;
  let result: Omit<Scored, 'usage'> & Pick<Reply, 'usage'>;
  const begun = begin(backend, at, request);
  try {
    const { score } = backend;
    if (!score) throw new TypeError(`${backend.name}: no score`);
    const io = { choices: [at.choice], signal: context.signal, context: at };
    result = await stoppable(
      within(begun, () => score.call(backend, told(request, begun), text, io)),
      context.signal,
    );
    usage = reportedUsage(result.usage, 1);
  } finally {
    reservation.settle(usage);
    record(backend, at, usage, undefined, begun, usage.unreported ? 'error' : 'ok');
    if (usage.unreported === 0) noteDrawn({ context: at, key, looked: 0 });
  }
  const { logprob, tokens } = result;
  if (key !== undefined)
    await context.journal?.put(key, {
      candidate: { content: [], finish: { unified: 'other', raw: 'score' }, logprob, tokens },
      usage,
    });
  return { ...result, usage };
}

/** What the journal knows of a draw, or what the call brings that is under way for it. */
async function entryOf({ context, key }: Place): Promise<JournalEntry | undefined> {
  const { journal, signal } = context;
  if (!journal || key === undefined) return undefined;
  const entry = await journal.get(key);
  const landing = entry ? undefined : await flightOf(journal, key)?.wait(signal);
  return landing?.kind === 'entry' ? landing.entry : entry;
}

/** Streams one candidate of a back end. Whoever stops reading stops the call. */
async function* streamBackend(backend: Backend, request: Request, outer: Context): AsyncGenerator<StreamPart> {
  const ledger = createLedger(outer.ledger);
  const context = drawAt({ ...outer, ledger }, request.from ?? 0);
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
  const entry = await entryOf(at);
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
  const taken = at.key !== undefined && context.journal && flightOf(context.journal, at.key);
  const flight = depart(context.journal, taken || at.key === undefined ? [] : [at.key], context.signal);
  const capped = { ...cap(request, reservation.maxOutputTokens), n: 1 };
  const begun = begin(backend, context, capped);
  const stopper = new AbortController();
  const follow = (): void => stopper.abort(context.signal.reason);
  const unfollow = onAbort(context.signal, follow);
  let usage: Usage = UNREPORTED_CALL;
  let candidate: Candidate | undefined;
  try {
    const io = { choices: [context.choice], signal: stopper.signal, context };
    const written = allWithin(begun, backend.stream(told(capped, begun), io));
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
    record(backend, context, usage, candidate, begun, candidate ? 'ok' : 'cancelled', { request });
    if (candidate) noteDrawn(at);
    else flight.close(GIVEN_UP);
  }
  if (!candidate) throw new MalformedReply({ url: backend.name, why: 'the stream ended without a reply', body: '' });
  try {
    if (at.key !== undefined) await context.journal?.put(at.key, { candidate, usage });
    if (at.key !== undefined) flight.land(at.key, { kind: 'entry', entry: { candidate, usage } });
  } finally {
    flight.close(GIVEN_UP);
  }
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
  tell({ name, heeding }, warnings, ledger);
}

/** Says what was found, and takes back what does not hold any more. */
function tell(
  { name, heeding }: Pick<Backend, 'name' | 'heeding'>,
  found: readonly Warning[] | undefined,
  ledger: Context['ledger'],
): void {
  const named = ({ code, message }: Warning): Warning => ({ code, message: `${name}: ${message}` });
  for (const warning of found ?? []) ledger.warn(named(warning));
  for (const warning of heeding?.withdrawn ?? []) ledger.withdraw(named(warning));
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
  /** How many calls over the journal had landed when it was looked up. */
  readonly looked: number;
}

/** What a draw is called in the account of the run: short, since a run may hold very many. */
function nameOf({ context, key }: Place): string | undefined {
  return key === undefined ? undefined : `${context.choice.id} ${hash(key).join(' ')}`;
}

function noteDrawn(at: Place): void {
  const name = nameOf(at);
  if (name !== undefined) at.context.drawn?.set(name, true);
}

function place(backend: Backend, request: Request, context: Context, prefix?: string): Place {
  const key =
    context.journal &&
    `${backend.identity ?? backend.name}\n${prefix ?? ''}\n${requestKey(request)}\n${context.choice.id}`;
  return { context, key, looked: context.journal ? landedOf(context.journal) : 0 };
}

/**
 * A journal hit: the budget is charged as it was the first time, so that a resumed run ends as the whole one would. A draw that was
 * made before in this run is charged to the part alone.
 */
async function replay(backend: Backend, request: Request, at: Place, entry: JournalEntry): Promise<Sample> {
  const { candidate, usage: kept, shared: isShared, run } = entry;
  const { context } = at;
  const usage = reportedUsage(kept, 1);
  const bound = backend.bound(request);
  const isOfThisRun = run !== undefined && run === context.journal?.run;
  let used = usage;
  await chargedOnce(context, nameOf(at), async (again) => {
    if (again || !isOfThisRun) used = { ...usage, replays: usage.calls };
    const need = {
      calls: 1,
      inputTokens: usage.inputTokens ?? bound.inputTokens,
      outputTokens: usage.outputTokens ?? bound.outputTokens,
      price: backend.price,
      again: again || (isOfThisRun && context.journal?.isCharged === true),
    };
    (await context.budget.reserve(need, context.signal)).settle(usage);
    if (!again) tell(backend, backend.heeding?.replayed?.(candidate, entry, context.drawn), context.ledger);
    record(
      backend,
      context,
      used,
      candidate,
      begin(backend, context, request),
      'replayed',
      { request },
      again ? 'used' : undefined,
    );
  });
  return toSample(backend, candidate, isShared ? undefined : used);
}

/** The request with what tells the server to which work it belongs. */
function told(request: Request, { telemetry }: Begun): Request {
  return telemetry?.headers ? { ...request, headers: { ...telemetry.headers, ...request.headers } } : request;
}

/** Makes the call as the work that was told of. */
const within = <T>({ telemetry }: Begun, does: () => T): T => (telemetry?.within ? telemetry.within(does) : does());

/** The same for each part of a stream: what writes it goes on wherever it is asked for the next one. */
function allWithin<T>(begun: Begun, parts: AsyncIterable<T>): AsyncIterable<T> {
  if (!begun.telemetry?.within) return parts;
  return {
    [Symbol.asyncIterator]() {
      const written = parts[Symbol.asyncIterator]();
      return {
        next: () => within(begun, () => written.next()),
        return: async () => (await written.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
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
