/**
 * Where and how a piece of work runs. The path is its address: it keys the random stream and the trace span. Forking by key extends
 * the path; what the fork draws does not depend on when it runs or on what runs beside it. The draws of a base model have the
 * address that `drawAt` gives them, which keys their journal entry too: formulas over one model share it.
 */
import { createBudget, type Budget } from '../accounts/budget.ts';
import type { Limits } from '../accounts/budget.ts';
import { onAbort } from './abort.ts';
import { seeded, type Choice } from './choice.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Division } from './division.ts';
import { BudgetExceeded } from '../errors.ts';
import type { Journal } from '../calls/journal.ts';
import { createLedger, type Ledger } from '../accounts/ledger.ts';
import type { Meter } from '../tokens/meter.ts';
import type { Sandbox } from '../host/sandbox.ts';
import type { Json } from '../message.ts';
import { closeSpan, openSpan, type Span, type Telemetry } from './trace.ts';

export interface Context {
  readonly path: string;
  readonly choice: Choice;
  /** Where the draws made here are counted from, while only draws lead here from the inference's start; nothing below a named part. */
  readonly trunk?: Trunk | undefined;
  readonly signal: AbortSignal;
  readonly budget: Budget;
  readonly ledger: Ledger;
  /** The draws that are on the account of the run: whatever formula makes one of them again, the run does not pay twice. */
  readonly drawn?: Drawn | undefined;
  readonly clock: Clock;
  /** What of the machine may be used: a sandbox, a memory, a person who answers. */
  readonly host?: Host | undefined;
  readonly journal: Journal | undefined;
  readonly span: Span | undefined;
  /** Whether spans keep what was said. */
  readonly keepsTexts?: boolean | undefined;
  /** Told of the work done here, as it begins and ends. */
  readonly telemetry?: Telemetry | undefined;
  /** At a limit: the best answer so far where there is one, or BudgetExceeded all the same. */
  readonly atLimit: 'best' | 'throw';
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Told of every prompt read and every token pushed by the processes opened here; they are accounted by who opens them. */
  readonly meter?: Meter | undefined;
  /** What draws several candidates here, of which one is returned: work with effects would be done for each of them. */
  readonly candidatesOf?: string | undefined;
  /** Awaited before a call that no journal answers: work that may turn out to be unneeded waits here for what stands before it. */
  readonly beforeCall?: (() => Promise<void>) | undefined;
  /** Where other processes do parts of this work. */
  readonly division?: Division | undefined;
}

/**
 * The draws that lead from the start of an inference to a place, where nothing else does. Each technique has at most one part that
 * is drawn without a name, which is its trunk, and names all others.
 */
interface Trunk {
  /** Keys the draws made here. */
  readonly choice: Choice;
  /** Whether a draw that is not the first has led here: draws of number 0 before that are left out. */
  readonly counts: boolean;
  /** The number of the first draw made here. */
  readonly first: number;
  /** The place of the technique's own draw, which its base's one draw takes where there is only one. */
  readonly own?: Trunk | undefined;
}

/** Draws by what names them: whether they are on the account, or are just being put there. */
type Drawn = Map<string, true | Promise<boolean>>;

/** A line about work under way, for a person who waits. */
export interface Progress {
  readonly path: string;
  readonly text: string;
  /** `wait`: a server is given time, and asked again. Otherwise a technique says what it is doing. */
  readonly kind?: 'wait' | undefined;
}

export interface Host {
  /** Where programs written by a model run. */
  readonly sandbox?: Sandbox | undefined;
  /** Notes and pages that outlive an inference. */
  readonly memory?: Memory | undefined;
  /** Puts a question to the person who asked, and resolves to the reply. A host stands for one person. */
  readonly respond?: ((question: string, context: Context) => Promise<string>) | undefined;
}

/** One remembered text. */
export interface Note {
  readonly id: string;
  /** What it is found by: a question, a passage, a fact. */
  readonly text: string;
  /** What it says beyond its text: a correction, an answer, a source and its page. It is found by `title` and `heading` too. */
  readonly data?: { readonly [key: string]: Json | undefined } | undefined;
}

export interface Found extends Note {
  /** Higher is nearer; comparable within one search only. */
  readonly score: number;
  /** Cosine of the angle between the vectors of note and query, at most 1; `undefined` in a memory without vectors. */
  readonly similarity?: number | undefined;
}

/**
 * Every call names the namespace it works in: one user's notes are never found in another's, and what one user writes
 * does not change the order of what another finds. Pass the context of an inference where there is one: a memory whose
 * vectors are computed by a server puts those calls on its account, and stops when it is stopped.
 */
export interface Memory {
  readonly name: string;
  /** Adds notes; one with the id of another takes its place in the order. Resolves once they are kept. */
  put(namespace: string, notes: readonly Note[], context?: Context): Promise<void>;
  /** The `limit` notes nearest to the query, nearest first; of equals, the one put first. */
  search(namespace: string, query: string, limit: number, context?: Context): Promise<readonly Found[]>;
  /** The notes with these ids, or all of them, in the order they were first put. */
  list(namespace: string, ids?: readonly string[]): Promise<readonly Note[]>;
  /** The namespaces that hold a note, by name. */
  namespaces(): Promise<readonly string[]>;
  /** Deletes notes by id, or all of them, and what was indexed of them; resolves to how many there were. */
  remove(namespace: string, ids?: readonly string[]): Promise<number>;
}

export interface ContextOptions {
  /** Same seed, same answer. Default 0. */
  readonly seed?: number | string | undefined;
  readonly budget?: Limits | undefined;
  readonly atLimit?: Context['atLimit'] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly journal?: Journal | undefined;
  /** The tree of calls. `texts`: with the prompts and the texts of every step, which takes as much memory as they do. */
  readonly trace?: boolean | 'texts' | undefined;
  /** Told of each technique and each call as it begins and ends: `openTelemetry()` of `plusx/telemetry`. */
  readonly telemetry?: Telemetry | undefined;
  readonly clock?: Clock | undefined;
  readonly host?: Host | undefined;
  readonly onProgress?: Context['onProgress'];
  /** Replaces the generator that `seed` would key: the enumerator comes in here. */
  readonly choice?: Choice | undefined;
}

/** The names of the options of a run. */
export const CONTEXT_OPTIONS: readonly string[] = Object.keys({
  seed: true,
  budget: true,
  atLimit: true,
  signal: true,
  journal: true,
  trace: true,
  telemetry: true,
  clock: true,
  host: true,
  onProgress: true,
  choice: true,
} satisfies Record<keyof ContextOptions, true>);

/** The context of a whole run. Close its scope when done: a deadline holds a timer. */
export function rootScope(options: ContextOptions = {}): Scope {
  const clock = options.clock ?? systemClock;
  const choice = options.choice ?? seeded(options.seed ?? 0);
  const root: Context = {
    path: '',
    choice,
    trunk: { choice, counts: false, first: 0 },
    signal: options.signal ?? new AbortController().signal,
    budget: createBudget({}, clock),
    ledger: createLedger(),
    drawn: new Map(),
    clock,
    host: options.host,
    journal: options.journal,
    span: options.trace
      ? openSpan(undefined, { path: '', name: 'run', kind: 'technique', start: clock.now() })
      : undefined,
    ...(options.trace === 'texts' && { keepsTexts: true }),
    telemetry: options.telemetry,
    atLimit: options.atLimit ?? 'best',
    onProgress: options.onProgress,
  };
  return scope(root, { limits: options.budget, of: 'run' });
}

/**
 * The context of the part of the work named `key`: its own random stream and address, all else shared. What is drawn there is drawn
 * for this part alone.
 */
export function fork(context: Context, key: string): Context {
  return { ...along(context, key), trunk: undefined };
}

/** The same, but its draws of a base model go by no name: a technique has at most one such part. */
export function along(context: Context, key: string): Context {
  return { ...context, path: under(context, key), choice: context.choice.fork(key) };
}

/**
 * The same for a technique that makes one such draw only, for each of its own, and always of the same model: its draw number `i`
 * then starts from draw number `i` of its base.
 */
export function draftAt(context: Context, key: string): Context {
  return { ...along(context, key), trunk: context.trunk?.own ?? context.trunk };
}

/** The context of an inference of its own, such as an item of a task: its draws are counted from here. */
export function inference(context: Context, key: string): Context {
  const at = fork(context, key);
  return { ...at, trunk: { choice: at.choice, counts: false, first: 0 } };
}

/** The context of a technique's own draw number `i`. */
export function candidateAt(context: Context, i: number, technique: string): Context {
  const { trunk } = context;
  const at = along(along(context, `draw/${i}`), technique);
  if (!trunk) return at;
  const number = trunk.first + i;
  const own: Trunk = { ...trunk, first: number, own: undefined };
  return {
    ...at,
    trunk:
      number === 0 && !trunk.counts
        ? { ...own, own }
        : { choice: trunk.choice.fork(`draw/${number}`), counts: true, first: 0, own },
  };
}

/**
 * The context of draw number `i` of a base model. Where only draws lead here, its address is their numbers without the zeros at the
 * front: the fourth draw of a vote, of a best-of-n and of the bare model are one. Else its address is the whole path.
 */
export function drawAt(context: Context, i: number): Context {
  const number = (context.trunk?.first ?? 0) + i;
  return {
    ...context,
    path: under(context, `draw/${i}`),
    choice: drawsOf(context).fork(`draw/${number}`),
    trunk: undefined,
  };
}

/** What keys the draws of a base model that are made here, all together. */
export function drawsOf({ trunk, choice }: Context): Choice {
  return trunk?.choice ?? choice;
}

const under = ({ path }: Context, key: string): string => (path ? `${path} > ${key}` : key);

export interface Scope {
  readonly context: Context;
  /** Stops every call in flight in this scope. */
  cancel(reason?: unknown): void;
  /** Ends the scope: takes its listeners and timers away, and closes its span. */
  close(status?: Span['status'], preview?: string): void;
}

/** A part of the work that is accounted, traced and cancelled as one. Always closed in a `finally`. */
export function scope(
  context: Context,
  {
    name,
    limits,
    of,
  }: { readonly name?: string; readonly limits?: Limits | undefined; readonly of?: 'run' | 'part' } = {},
): Scope {
  const controller = new AbortController();
  const cancel = (reason?: unknown): void => controller.abort(reason);
  const follow = (): void => cancel(context.signal.reason);
  const unfollow = context.signal.aborted ? follow() : onAbort(context.signal, follow);
  const ledger = createLedger(context.ledger);
  const start = context.clock.now();
  const own =
    name && (context.span || context.telemetry)
      ? openSpan(context.span, { path: context.path, name, kind: 'technique', start })
      : undefined;
  const telemetry = own && context.telemetry?.begins(own);
  const inner: Context = {
    ...context,
    signal: controller.signal,
    ledger,
    span: own ?? context.span,
    telemetry: telemetry ?? context.telemetry,
    budget: limits ? createBudget(limits, context.clock, context.budget, of) : context.budget,
  };
  const ms = limits?.ms;
  const stopTimer =
    ms === undefined
      ? undefined
      : context.clock.after(ms, () => cancel(new BudgetExceeded({ limit: 'ms', allowed: ms, spent: ms, needed: 0 })));
  return {
    context: inner,
    cancel,
    close(status = 'ok', preview) {
      stopTimer?.();
      unfollow?.();
      if (!own || own.end !== undefined) return;
      const usage = ledger.usage;
      const said = preview !== undefined && status === 'ok' ? { texts: [preview] } : undefined;
      if (context.keepsTexts && said) own.said = said;
      closeSpan(own, {
        end: context.clock.now(),
        status: status === 'ok' && ledger.exhausted ? 'exhausted' : status,
        usage,
        ...(preview === undefined ? {} : { preview }),
      });
      telemetry?.ends(own, { said });
    },
  };
}

/** Tells whoever waits what is going on. */
export function progress(context: Context, text: string, kind?: Progress['kind']): void {
  context.onProgress?.({ path: context.path, text, ...(kind && { kind }) });
}
