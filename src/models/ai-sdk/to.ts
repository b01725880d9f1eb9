/** A plusx model as an AI SDK model. */
import { basesOf, InvalidOption, streamOf, type Model, type Sample, type StreamPart } from '../../core/index.ts';
import { sourceOf } from './from.ts';
import { contentOf, isProgress, outgoing, reportOf, warningsOf } from './report.ts';
import { begin, type Run, type ToAiSdkOptions } from './run.ts';
import { readable } from './stream.ts';
import type { AiSdkModel, AiSdkModelIn, AiSdkStreamPart, AiSdkVersion, SupportedUrls } from './types.ts';
import { toSdkError } from './warnings.ts';

/**
 * Makes a language model object of the AI SDK (6 and 7) of any model: for generateText, streamText, structured output,
 * tool loops and agents. `budget` holds for each call. Without a seed each call draws afresh; the seed it took is in
 * `providerMetadata.plusx.seed`, beside formula, calls, tokens, cost, traceId and what the techniques have to say.
 *
 * A stream starts before it is known what there is to warn of: its warnings are in `providerMetadata.plusx.warnings`.
 *
 * The application may set `seed`, or `providerOptions.plusx` to `{ seed?, budget? }`, for one call: such a budget holds
 * besides that of the options and cannot raise it. Nothing else is read, and nothing is ever read from a text.
 */
export function toAiSdk(model: Model, options: ToAiSdkOptions & { readonly version: 'v4' }): AiSdkModel<'v4'>;
/** Typed as v3, which both majors take; over a v4 model the object speaks v4, as that model's own major does. */
export function toAiSdk(model: Model, options?: ToAiSdkOptions): AiSdkModel;
export function toAiSdk(model: Model, options: ToAiSdkOptions = {}): AiSdkModel<AiSdkVersion> {
  const sources = basesOf(model).map(sourceOf);
  const version = versionFor(sources, options.version);
  const { provider = 'plusx', modelId = model.name, progress = true } = options;
  return {
    specificationVersion: version,
    provider,
    modelId,
    get supportedUrls() {
      return options.supportedUrls ?? urlsOf(sources);
    },
    async doGenerate(given) {
      const run = begin(model, version, options, given);
      try {
        const sampled = await model.sample(run.request, run.account.context);
        const [sample] = sampled.samples as [Sample];
        const content = contentOf(sample.content, run.account);
        run.end('ok', sample);
        return { content, ...reportOf(sampled, run.account) };
      } catch (error) {
        run.end('error');
        throw toSdkError(error);
      }
    },
    async doStream(given) {
      const run = begin(model, version, options, given);
      const { signal } = run.account.context;
      const parts = streamOf(model, run.request, run.account.context);
      try {
        // What fails before it starts to write fails the call itself, so that the SDK may try again.
        const first = await parts.next();
        const stream = readable(written(parts, first, run, progress), {
          cancel: run.cancel,
          failed: (error): AiSdkStreamPart | undefined =>
            signal.aborted ? undefined : { type: 'error', error: toSdkError(error) },
        });
        return { stream };
      } catch (error) {
        run.end('error');
        throw toSdkError(error);
      }
    },
  };
}

function versionFor(sources: readonly (AiSdkModelIn | undefined)[], asked: AiSdkVersion | undefined): AiSdkVersion {
  if (asked === undefined) return sources.some((source) => source?.specificationVersion === 'v4') ? 'v4' : 'v3';
  if (asked === 'v3' || asked === 'v4') return asked;
  throw new InvalidOption({ where: 'toAiSdk', option: 'version', rule: 'must be "v3" or "v4"', value: asked });
}

/** The URLs of the one AI SDK model underneath. With several, or others, the SDK downloads what is linked. */
function urlsOf([source, ...more]: readonly (AiSdkModelIn | undefined)[]): SupportedUrls | PromiseLike<SupportedUrls> {
  return more.length === 0 ? ((source?.supportedUrls ?? {}) as SupportedUrls) : {};
}

/** The stream as the SDK reads it. Whatever ends it ends the run. */
async function* written(
  parts: AsyncGenerator<StreamPart>,
  first: IteratorResult<StreamPart, unknown>,
  { account, end }: Run,
  progress: boolean,
): AsyncGenerator<AiSdkStreamPart> {
  const { version, context } = account;
  let hidden: string | undefined;
  let done: Sample | undefined;
  try {
    yield { type: 'stream-start', warnings: warningsOf(account) };
    for (let next = first; !next.done; next = await parts.next()) {
      const part = next.value;
      if (part.type === 'finish') {
        done = part.sampled.samples[0];
        const { response, usage, finishReason, providerMetadata } = reportOf(part.sampled, account);
        if (response) yield { type: 'response-metadata', ...response };
        yield { type: 'finish', usage, finishReason, ...(providerMetadata && { providerMetadata }) };
        continue;
      }
      if (!progress && part.type === 'reasoning-start' && isProgress(part)) hidden = part.id;
      if (hidden !== undefined && 'id' in part && part.id === hidden) {
        if (part.type === 'reasoning-end') hidden = undefined;
        continue;
      }
      const out = outgoing(part, version, context);
      if (out) yield out as AiSdkStreamPart;
    }
  } finally {
    await parts.return(undefined);
    end(done ? 'ok' : 'error', done);
  }
}
