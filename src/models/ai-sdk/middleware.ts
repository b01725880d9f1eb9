/** A transform as middleware of the AI SDK. */
import { plus, type Transform } from '../../core/index.ts';
import { fromAiSdk, type FromAiSdkOptions } from './from.ts';
import type { ToAiSdkOptions } from './run.ts';
import { toAiSdk } from './to.ts';
import type { AiSdkCallOptions, AiSdkMiddleware, AiSdkModel, AiSdkModelIn } from './types.ts';

export type MiddlewareOptions = Omit<ToAiSdkOptions, 'version' | 'provider' | 'modelId' | 'supportedUrls'> &
  FromAiSdkOptions;

/**
 * Makes middleware for `wrapLanguageModel` of AI SDK 6 and 7: the wrapped model is the transform of the model. Several
 * transforms apply in order, as in `plus`.
 */
export function asMiddleware(
  transform: Transform | readonly Transform[],
  options: MiddlewareOptions = {},
): AiSdkMiddleware {
  const transforms = typeof transform === 'function' ? [transform] : transform;
  const made = new WeakMap<AiSdkModelIn, AiSdkModel>();
  const over = (model: AiSdkModelIn): AiSdkModel => {
    const known = made.get(model);
    if (known) return known;
    const fresh = toAiSdk(plus(fromAiSdk(model, options), ...transforms), options);
    made.set(model, fresh);
    return fresh;
  };
  // Seen as what both majors take; what it says is in the words of the version it was asked in.
  const seen = (model: AiSdkModelIn): Seen => over(model) as unknown as Seen;
  // The call goes to the model itself, not through the SDK's `doGenerate()`: that one takes no seed, and n draws need n.
  return {
    specificationVersion: 'v3',
    wrapGenerate: ({ model, params }) => seen(model).doGenerate(params),
    wrapStream: ({ model, params }) => seen(model).doStream(params),
  };
}

interface Seen {
  doGenerate(params: AiSdkCallOptions): ReturnType<AiSdkMiddleware['wrapGenerate']>;
  doStream(params: AiSdkCallOptions): ReturnType<AiSdkMiddleware['wrapStream']>;
}
