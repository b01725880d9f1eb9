/** One answer under way: its run, its id, its trace, and what ends it. */
import { randomBytes } from 'node:crypto';
import {
  BudgetExceeded,
  rootScope,
  textOf,
  type Context,
  type Limits,
  type Model,
  type Request,
  type Sampled,
  type Span,
  type Telemetry,
  type Trace,
} from '../core/index.ts';
import { cleanText } from '../core/calls/secrets.ts';
import type { Wire } from '../models/openai/protocol/index.ts';
import type { Store } from '../store/index.ts';
import type { ServeLimits } from '../config/serve.ts';
import type { ServeOptions } from './config.ts';
import type { Presence } from './connection.ts';
import type { Caller } from './keys/keys.ts';
import { treeOf } from './account.ts';

export interface Generation {
  /** 16 hexadecimal digits; the name of the trace in the store. */
  readonly id: string;
  readonly context: Context;
  readonly created: number;
  /** What the reply says of how it came about, beside the answer. */
  facts(model: Model, sampled: Sampled, isUsageKnown: boolean): Wire;
  /** The span of the whole run, with its figures. */
  span(): Span | undefined;
  /** Ends what is going on, as its deadline would: the best answer so far is what there is. */
  cut(): void;
  /** Ends the run and keeps its trace. Safe to call twice. */
  close(error?: unknown): void;
}

export interface Start {
  readonly id: string;
  readonly telemetry: Telemetry | undefined;
  readonly options: ServeOptions;
  readonly limits: ServeLimits;
  readonly caller: Caller;
  /** What is asked. */
  readonly prompt: Request['prompt'];
  readonly presence: Presence;
  /** Same seed, same answer. Default: a fresh one. */
  readonly seed: number | undefined;
  /** What the request allows itself. */
  readonly own: Limits;
}

export function generation(start: Start): Generation {
  const { id, telemetry, options, limits, caller, presence, seed, own } = start;
  const { context, cancel, close } = rootScope({
    // Draws are nobody else's: neither another key's nor another end user's.
    seed: seed ?? randomBytes(16).toString('hex'),
    host: options.hostFor?.(caller),
    signal: presence.signal,
    trace: options.keepsTexts ? 'texts' : true,
    telemetry,
    budget: {
      ...own,
      calls: Math.min(own.calls ?? Infinity, limits.calls),
      ms: Math.min(own.ms ?? Infinity, limits.ms),
    },
  });
  const began = context.clock.now();
  let isOver = false;
  const span = (): Span | undefined => {
    if (context.span) {
      context.span.end ??= context.clock.now();
      context.span.usage = context.ledger.usage;
    }
    return context.span;
  };
  return {
    id,
    context,
    created: Math.floor(Date.now() / 1000),
    span,
    facts(model, { exhausted, samples, warnings }, isUsageKnown) {
      if (context.span) noteAnswer(context.span, model, samples, options.keepsTexts ? start.prompt : undefined);
      return {
        generation: id,
        formula: model.name,
        ...(samples[0] && { semantics: samples[0].semantics.kind }),
        ...(exhausted && { exhausted }),
        ...(seed === undefined ? {} : { seed }),
        warnings: [...warnings, ...notCarried(samples)].map(({ code, message }) => ({
          code,
          message: cleanText(message, []),
        })),
        ...(!isUsageKnown && { usage: treeOf(context.ledger.usage, span()) }),
      };
    },
    cut: () => cancel(new BudgetExceeded({ limit: 'ms', allowed: context.clock.now() - began, spent: 0, needed: 0 })),
    close(error) {
      if (isOver) return;
      isOver = true;
      const root = span();
      if (root) root.status = presence.signal.aborted ? 'cancelled' : error ? 'error' : 'ok';
      if (error) cancel(error);
      close();
      if (root && options.store) void kept(options.store, { id, root }, caller.key);
    },
  };
}

/** Puts on the root what the answer is of and, where texts are kept, what was asked and answered. */
function noteAnswer(root: Span, { name }: Model, samples: Sampled['samples'], prompt?: Request['prompt']): void {
  const texts = samples.map(({ content }) => textOf(content));
  root.facts = { formula: name };
  if (prompt) root.said = { prompt, texts };
}

/** Keeps a trace. The answer is out already: it does not fail for want of one. */
async function kept(store: Store, trace: Trace, owner: string | undefined): Promise<void> {
  await store.traces.put(trace, { owner }).catch(() => undefined);
}

/** Parts of an answer that the protocol has no place for. */
function notCarried(samples: Sampled['samples']): Sampled['warnings'] {
  const types = samples.flatMap(({ content }) => content.flatMap(({ type }) => (CARRIED.has(type) ? [] : [type])));
  return [...new Set(types)].map((type) => ({
    code: 'part-left-out',
    message: `The answer has a part of type ${type}, which this protocol cannot carry.`,
  }));
}

const CARRIED: ReadonlySet<string> = new Set(['text', 'reasoning', 'tool-call']);
