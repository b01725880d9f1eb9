/** One call of a plusx model by the AI SDK: its seed, budget, account and trace. */
import {
  closeSpan,
  InvalidOption,
  rootScope,
  scope,
  textOf,
  type Context,
  type ContextOptions,
  type Limits,
  type Model,
  type Request,
  type Sample,
  type Trace,
} from '../../core/index.ts';
import { promptToV4 } from './convert.ts';
import { withoutProgress, type Account } from './report.ts';
import type { AiSdkCallOptions, AiSdkVersion, SupportedUrls } from './types.ts';
import { unsupported } from './warnings.ts';

export interface ToAiSdkOptions extends Pick<
  ContextOptions,
  'seed' | 'budget' | 'atLimit' | 'journal' | 'clock' | 'onProgress'
> {
  /** Specification to speak. Default: that of the AI SDK model underneath; v3, which both majors take, where there is none. */
  readonly version?: AiSdkVersion | undefined;
  /** Default `plusx`. */
  readonly provider?: string | undefined;
  /** Default: the model's formula. */
  readonly modelId?: string | undefined;
  /** URLs the model fetches itself; the SDK downloads all others. Default: those of the AI SDK model underneath, else none. */
  readonly supportedUrls?: SupportedUrls | undefined;
  /** Whether a stream shows the progress of techniques as reasoning. Default true. */
  readonly progress?: boolean | undefined;
  /** Is given the tree of calls of each answer, under the `traceId` that its metadata names. */
  readonly trace?: ((trace: Trace) => void) | undefined;
}

export interface Run {
  readonly request: Request;
  readonly account: Account;
  cancel(reason: unknown): void;
  end(status: 'ok' | 'error', sample?: Sample): void;
}

/** Opens the run of one call. */
export function begin(model: Model, version: AiSdkVersion, options: ToAiSdkOptions, given: AiSdkCallOptions): Run {
  const { prompt, seed: asked, abortSignal, includeRawChunks, providerOptions = {}, ...settings } = given;
  const { plusx = {}, ...others } = providerOptions;
  const own = checked(plusx as { readonly [name: string]: unknown });
  const explicit = own.seed ?? asked ?? options.seed;
  const seed = explicit ?? freshSeed();
  const { budget, atLimit, journal, clock, onProgress, trace } = options;
  const root = rootScope({
    seed,
    budget,
    atLimit,
    journal,
    clock,
    onProgress,
    signal: abortSignal,
    trace: trace !== undefined,
  });
  let inner = root;
  try {
    if (own.budget) inner = scope(root.context, { limits: own.budget });
  } catch (error) {
    root.close();
    throw error;
  }
  const { context } = inner;
  const traceId = fresh(2)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
  if (includeRawChunks) context.ledger.warn(unsupported('includeRawChunks', 'An answer may be made of several calls.'));
  for (const name of own.unknown)
    context.ledger.warn(unsupported(`providerOptions.plusx.${name}`, 'A call may set seed and budget.'));
  const messages = withoutProgress(prompt);
  return {
    request: {
      ...(settings as Omit<Request, 'prompt'>),
      prompt: (version === 'v3' ? promptToV4(messages, 'plusx') : messages) as Request['prompt'],
      ...(Object.keys(others).length > 0 && { providerOptions: others as Request['providerOptions'] }),
    },
    account: { version, formula: model.name, seed, seeded: explicit !== undefined, traceId, context },
    cancel: root.cancel,
    end(status, sample) {
      inner.close();
      root.close();
      if (context.span) finishTrace(context, context.span, traceId, status, sample, trace);
    },
  };
}

function finishTrace(
  { clock, ledger, signal }: Context,
  span: Trace['root'],
  id: string,
  status: 'ok' | 'error',
  sample: Sample | undefined,
  trace: ToAiSdkOptions['trace'],
): void {
  if (span.end !== undefined) return;
  closeSpan(span, {
    end: clock.now(),
    status: status === 'error' && signal.aborted ? 'cancelled' : ledger.exhausted ? 'exhausted' : status,
    usage: ledger.usage,
    ...(sample && { preview: textOf(sample.content) }),
  });
  trace?.({ id, root: span });
}

/** What the application sets for one call in `providerOptions.plusx`. */
function checked({ seed, budget, ...rest }: { readonly [name: string]: unknown }): {
  readonly seed: number | string | undefined;
  readonly budget: Limits | undefined;
  readonly unknown: readonly string[];
} {
  const where = 'providerOptions.plusx';
  if (seed !== undefined && typeof seed !== 'string' && !Number.isFinite(seed))
    throw new InvalidOption({ where, option: 'seed', rule: 'must be a number or a text', value: seed });
  const limits = budget ?? {};
  if (typeof limits !== 'object')
    throw new InvalidOption({ where, option: 'budget', rule: 'must be an object', value: budget });
  const wrong = Object.entries(limits).find(
    ([name, value]) => !['calls', 'tokens', 'usd', 'ms'].includes(name) || typeof value !== 'number',
  );
  if (wrong)
    throw new InvalidOption({
      where,
      option: `budget.${wrong[0]}`,
      rule: 'must be a number of calls, tokens, usd or ms',
      value: wrong[1],
    });
  return {
    seed: seed as number | string | undefined,
    budget: budget === undefined ? undefined : limits,
    unknown: Object.keys(rest),
  };
}

function fresh(words: number): number[] {
  return [...crypto.getRandomValues(new Uint32Array(words))];
}

/** 53 random bits: a number that JSON holds. */
function freshSeed(): number {
  const [high = 0, low = 0] = fresh(2);
  return (high >>> 11) * 2 ** 32 + low;
}
