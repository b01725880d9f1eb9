/** Warnings and errors on their way between the AI SDK and plusx. */
import { endpoint } from '../../core/calls/secrets.ts';
import { MalformedReply, PlusxError, Unreachable, type Warning } from '../../core/index.ts';
import {
  final,
  headersOf,
  hintsIn,
  mayPass,
  networkTrouble,
  quoted,
  statusIn,
  UNKNOWN_STATUS,
  upstream,
  type Asked,
  type Hints,
} from '../http/index.ts';
import type { AiSdkWarning } from './types.ts';

/** A warning of the SDK, or one a later version of it adds. */
type AnyWarning = AiSdkWarning | { readonly type: string; readonly setting?: string; readonly message?: string };

/** The code keeps the type and the feature: `ai-sdk/unsupported/seed`. What the provider says in no word is said here. */
export function fromSdkWarning(warning: AnyWarning, name: string): Warning {
  if ('feature' in warning)
    return {
      code: `ai-sdk/${warning.type}/${warning.feature}`,
      message: warning.details?.trim() || inWords(warning.type, warning.feature, name),
    };
  const setting = ('setting' in warning && warning.setting) || '';
  return {
    code: `ai-sdk/other`,
    message: warning.message?.trim() || `${name}: ${`${warning.type} ${setting}`.trim()}`,
  };
}

function inWords(type: string, feature: string, name: string): string {
  if (feature === 'seed') return `${name} takes no seed: only a journal makes a run repeatable`;
  return type === 'compatibility'
    ? `${name} does something else in place of ${feature}`
    : `${name} does not support ${feature}: it is left out`;
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

/** What is known of a call that failed for good. */
export interface Failed {
  readonly provider: string;
  readonly modelId: string;
  /** Texts that no error repeats. */
  readonly secrets: readonly string[];
  readonly tries: number;
  /** Whether the call was tried again where that could help: nobody outside should do so once more. */
  readonly settled: boolean;
  /** A wait the server asks for and nobody waits. */
  readonly tooLongMs?: number | undefined;
}

/** A failure of the upstream as plusx knows it, with the SDK's own error as its cause; every other error as it is. */
export function fromSdkError(error: unknown, failed: Failed): unknown {
  if (!(error instanceof Error) || error instanceof PlusxError) return error;
  const known = inOurWords(error, failed);
  if (!known) return error;
  known.cause = failed.settled && isRetryable(error) ? retired(error, failed.tries) : error;
  return known;
}

const isRetryable = (error: SdkError): boolean => error.isRetryable === true;

function inOurWords(error: SdkError, failed: Failed): PlusxError | undefined {
  const { statusCode, message, responseBody } = error;
  const { tries, tooLongMs } = failed;
  const asked = askedOf(failed, error.url);
  if (typeof error.isRetryable !== 'boolean')
    return MALFORMED.test(error.name)
      ? new MalformedReply({ url: asked.shown, why: quoted(asked.secrets, message), body: '' })
      : undefined;
  if (statusCode === undefined) {
    const { why, hint } = networkTrouble(innermost(error)) ?? { why: message, hint: undefined };
    return new Unreachable({ url: asked.shown, why: quoted(asked.secrets, why), tries, ...(hint && { hint }) });
  }
  const hints = { ...hintsOf(error), ...(error.isRetryable ? {} : { again: false }) };
  return final(upstream(asked, statusCode, responseBody || message, hints), tries, tooLongMs) as PlusxError;
}

/** The error of the network inside the one the SDK puts around it. */
const innermost = (error: Error): unknown => (error.cause instanceof Error ? error.cause : error);

const hintsOf = ({ responseHeaders, responseBody, message }: SdkError): Hints =>
  hintsIn(headersOf(responseHeaders), responseBody || message);

/** The address that may be shown, or the names of provider and model where there is none. */
function askedOf({ provider, modelId, secrets }: Failed, url: string | undefined): Asked {
  const shown = url !== undefined && URL.canParse(url) ? endpoint(url).shown : `${provider}/${modelId}`;
  return { shown, secrets };
}

/** The error of a stream that tells of it in a part of its own, as text or as an object. */
export function fromStreamError(error: unknown, failed: Failed): unknown {
  if (error instanceof Error) return fromSdkError(error, failed);
  const body = typeof error === 'string' ? error : (JSON.stringify(error) ?? 'an error without a word');
  return final(upstream(askedOf(failed, undefined), statusIn(asObject(error)) ?? UNKNOWN_STATUS, body));
}

function asObject(error: unknown): unknown {
  try {
    return typeof error === 'string' ? JSON.parse(error) : error;
  } catch {
    return undefined;
  }
}

/**
 * The SDK's own error, after it was tried again here: of the same class, with the same facts, and not to be tried again.
 * Tries in several layers multiply.
 */
function retired(error: Error, tries: number): Error {
  const {
    stack: _stack,
    message: _message,
    isRetryable: _retry,
    cause: _cause,
    ...facts
  } = Object.getOwnPropertyDescriptors(error) as { readonly [name: string]: PropertyDescriptor };
  const message = tries > 1 ? `${error.message} (${tries} tries)` : error.message;
  const copy = new Error(message, { cause: error });
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  Object.defineProperties(copy, facts);
  return Object.defineProperty(copy, 'isRetryable', { value: false, enumerable: true });
}

/** The error the SDK knows how to treat: its own where there is one. */
export function toSdkError(error: unknown): unknown {
  return error instanceof PlusxError && error.cause instanceof Error ? error.cause : error;
}

/** Whether what failed may pass, by what it says; what to call it, and the wait that is asked for. */
export function passing(error: unknown): { readonly why: string; readonly waitMs: number | undefined } | undefined {
  if (!(error instanceof Error) || !isRetryable(error)) return undefined;
  const { statusCode, responseBody, message }: SdkError = error;
  const { waitMs, again } = hintsOf(error);
  if (statusCode !== undefined)
    return mayPass(statusCode, responseBody || message, again) ? { why: String(statusCode), waitMs } : undefined;
  const trouble = networkTrouble(innermost(error));
  return trouble?.passing === false ? undefined : { why: trouble?.code ?? 'no connection', waitMs };
}
