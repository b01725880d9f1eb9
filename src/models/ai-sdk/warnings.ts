/** Warnings and errors on their way between the AI SDK and plusx. What goes in comes out again as it was. */
import { MalformedReply, PlusxError, Unreachable, UpstreamError, type Warning } from '../../core/index.ts';
import type { AiSdkModelIn, AiSdkWarning } from './types.ts';

/** A warning of the SDK, or one a later version of it adds. */
type AnyWarning = AiSdkWarning | { readonly type: string; readonly setting?: string; readonly message?: string };

/** The code keeps the type and the feature: `ai-sdk/unsupported/seed`. */
export function fromSdkWarning(warning: AnyWarning): Warning {
  if ('feature' in warning)
    return { code: `ai-sdk/${warning.type}/${warning.feature}`, message: warning.details ?? '' };
  return {
    code: `ai-sdk/other`,
    message: warning.message ?? `${warning.type} ${('setting' in warning && warning.setting) || ''}`,
  };
}

export function toSdkWarning({ code, message }: Warning): AiSdkWarning {
  const [, type, feature] = /^ai-sdk\/(unsupported|compatibility)\/(.*)$/s.exec(code) ?? [];
  if (feature === undefined) return { type: 'other', message };
  return { type: type as 'unsupported', feature, ...(message && { details: message }) };
}

/** An unsupported setting, as a warning of the SDK's kind. */
export function unsupported(feature: string, details = ''): Warning {
  return { code: `ai-sdk/unsupported/${feature}`, message: details };
}

/** What is known of a failed call, by the fields the SDK's errors have. */
interface SdkError extends Error {
  readonly isRetryable?: boolean;
  readonly statusCode?: number | undefined;
  readonly url?: string;
  readonly responseBody?: string;
  readonly responseHeaders?: { readonly [name: string]: string };
}

const MALFORMED = /^AI_(JSONParse|InvalidResponseData|TypeValidation|EmptyResponseBody|NoContentGenerated)Error$/;

/** A failure of the upstream as plusx knows it, with the SDK's own error as its cause; every other error as it is. */
export function fromSdkError(error: unknown, { provider, modelId }: AiSdkModelIn): unknown {
  if (!(error instanceof Error) || error instanceof PlusxError) return error;
  const { isRetryable, statusCode, message, url = `${provider}/${modelId}`, responseBody }: SdkError = error;
  const known =
    typeof isRetryable === 'boolean'
      ? statusCode === undefined
        ? new Unreachable({ url, why: message })
        : new UpstreamError({ url, status: statusCode, body: responseBody || message, retryable: isRetryable })
      : MALFORMED.test(error.name)
        ? new MalformedReply({ url, why: message, body: '' })
        : undefined;
  if (!known) return error;
  known.cause = error;
  return known;
}

/** The error the SDK knows how to treat: its own where there is one. */
export function toSdkError(error: unknown): unknown {
  return error instanceof PlusxError && error.cause instanceof Error ? error.cause : error;
}

/** Milliseconds to wait before trying again what failed with `error`; `undefined`: there is no use. */
export function retryDelay(error: unknown, attempt: number, jitter: number): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { isRetryable, responseHeaders }: SdkError = error;
  if (isRetryable !== true) return undefined;
  const ms = Number(responseHeaders?.['retry-after-ms'] ?? Number(responseHeaders?.['retry-after']) * 1000);
  return ms >= 0 && ms <= 60_000 ? ms : 1000 * 2 ** attempt * (1 + jitter / 2);
}
