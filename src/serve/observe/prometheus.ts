/**
 * Metrics for Prometheus. Labels are words of ours and names of the configuration, and there are only so many of each: nothing that
 * a client or a server behind this one writes can make a series of its own.
 */
import type { Served } from './served.ts';

export interface Metrics {
  /** A request has come. */
  begun(): void;
  /** A request is over. */
  served(served: Served): void;
  readonly contentType: string;
  /** All of it in the text form of Prometheus. */
  text(now: { readonly waiting: number }): Promise<string>;
}

export interface MetricsOptions {
  /** Whether memory, processor time and event loop of the process are among them. Default false. */
  readonly process?: boolean | undefined;
}

/** Values of one label, beyond which all are `other`. */
const MOST_VALUES = 100;
const OTHER = 'other';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export async function prometheus({ process = false }: MetricsOptions = {}): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  if (process) collectDefaultMetrics({ register: registry });
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counting<L> => {
    // Requests are many and readers few: what is counted is added up here, and handed over when somebody reads it.
    const series = new Map<string, { readonly labels: { readonly [label in L]: string | number }; sum: number }>();
    const made = new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        for (const one of series.values()) {
          if (one.sum > 0) this.inc(one.labels, one.sum);
          one.sum = 0;
        }
      },
    });
    return {
      inc(labels, by = 1) {
        if (!labels) return made.inc(by);
        const key = keyOf(labels);
        const known = series.get(key);
        if (known) known.sum += by;
        else series.set(key, { labels, sum: by });
      },
    };
  };

  const requests = counter('plusx_requests_total', 'Requests, by route and status (499: the client left).', [
    'route',
    'status',
  ]);
  const duration = new Histogram({
    name: 'plusx_request_duration_seconds',
    help: 'From a request of a model to the end of its answer; formulas that are not named in the configuration are "other".',
    labelNames: ['formula'] as const,
    buckets: SECONDS,
    registers,
  });
  const inFlight = new Gauge({ name: 'plusx_requests_in_flight', help: 'Requests under way.', registers });
  let underWay = 0;
  const waiting = new Gauge({ name: 'plusx_queue_length', help: 'Requests that wait for their turn.', registers });
  const waited = new Histogram({
    name: 'plusx_queue_wait_seconds',
    help: 'How long a request waited for its turn and for its part of a budget.',
    buckets: [0.001, ...SECONDS],
    registers,
  });
  const cancelled = counter('plusx_cancelled_total', 'Requests whose client left before the answer was out.');
  const errors = counter('plusx_errors_total', 'Requests without a whole answer, by the code of their error.', [
    'class',
  ]);
  const calls = counter(
    'plusx_upstream_calls_total',
    'Candidates drawn from models: what they took was reported, or was not (they broke off), or they were replayed.',
    ['formula', 'outcome'],
  );
  const tokens = counter(
    'plusx_tokens_total',
    'Tokens as reported; cached ones are part of input, reasoning of output.',
    ['formula', 'type'],
  );
  const usd = counter('plusx_usd_total', 'US dollars, where the price is known.', ['formula']);
  const unknown = counter(
    'plusx_usage_unknown_total',
    'Requests of which some tokens or the dollars are not known, and so are not in the sums.',
    ['formula', 'what'],
  );

  const standbys = counter(
    'plusx_standby_total',
    'Requests for which a model that stands by was asked, because another one failed ("fell-back") or was late ("hedged").',
    ['formula', 'why'],
  );

  const formulas = bounded();
  const classes = bounded();
  const amounts = { tokens, usd, unknown, calls };
  return {
    contentType: registry.contentType,
    begun: () => void underWay++,
    served(served) {
      const { route, status, ms, model, name, waitedMs, failure } = served;
      underWay--;
      requests.inc({ route, status });
      if (failure !== undefined && status !== 499) errors.inc({ class: classes(failure) });
      if (status === 499) cancelled.inc();
      if (waitedMs !== undefined) waited.observe(waitedMs / 1000);
      if (model === undefined) return;
      const formula = name === undefined ? OTHER : formulas(name);
      duration.observe({ formula }, ms / 1000);
      for (const why of served.standby ?? []) standbys.inc({ formula, why });
      count(amounts, served, formula);
    },
    text({ waiting: now }) {
      waiting.set(now);
      inFlight.set(underWay);
      return registry.metrics();
    },
  };
}

/** The values of labels, in their order, which is that of the code. */
function keyOf(labels: { readonly [label: string]: string | number }): string {
  let key = '';
  for (const name in labels) key += `${labels[name]}\n`;
  return key;
}

/** A counter, as far as it is used here. */
interface Counting<L extends string = string> {
  inc(labels?: { readonly [label in L]: string | number }, by?: number): void;
}

interface Amounts {
  readonly calls: Counting;
  readonly tokens: Counting;
  readonly usd: Counting;
  readonly unknown: Counting;
}

const OUTCOMES = ['reported', 'unreported', 'replayed'] as const;
const KINDS = ['input', 'output', 'cached', 'reasoning'] as const;

/** What a request took. What is not known adds to no sum, and is counted as unknown. */
function count({ calls, tokens, usd, unknown }: Amounts, { usage }: Served, formula: string): void {
  if (!usage) return;
  const drawn = {
    reported: usage.calls - usage.unreported - usage.replays,
    unreported: usage.unreported,
    replayed: usage.replays,
  };
  for (const outcome of OUTCOMES) if (drawn[outcome] > 0) calls.inc({ formula, outcome }, drawn[outcome]);
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  const read = { input: inputTokens, output: outputTokens, cached: cachedInputTokens, reasoning: reasoningTokens };
  for (const type of KINDS) if (read[type]) tokens.inc({ formula, type }, read[type]);
  if (inputTokens === undefined || outputTokens === undefined) unknown.inc({ formula, what: 'tokens' });
  if (usage.usd === undefined) unknown.inc({ formula, what: 'usd' });
  else if (usage.usd > 0) usd.inc({ formula }, usage.usd);
}

/** Values of a label: the first so many stand for themselves. */
function bounded(): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.size < MOST_VALUES) known.add(value);
    return known.has(value) ? value : OTHER;
  };
}
