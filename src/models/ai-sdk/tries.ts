/** Calls of an AI SDK model that may pass are tried again, here and in no other layer. */
import { secretsOf } from '../../core/calls/secrets.ts';
import { progress, sleep, type Choice, type Context } from '../../core/index.ts';
import { waitBefore, waitInWords } from '../http/index.ts';
import { fromSdkError, passing, type Failed } from './warnings.ts';

/** What is known of a call while it is tried. */
export interface Tried {
  readonly name: string;
  readonly model: { readonly provider: string; readonly modelId: string };
  readonly headers?: { readonly [name: string]: string | undefined } | undefined;
  readonly choice: Choice;
  readonly signal: AbortSignal;
  readonly context: Context;
  readonly maxRetries: number;
}

const FIRST_WAIT_MS = 2000;
/** Most milliseconds waited between tries, all waits together. */
const TOTAL_WAIT_MS = 60_000;

/** What a failure is told with that breaks off an answer which is being read: it was not tried again. */
export const midway = (call: Tried): Failed => ({ ...failedOf(call, 1), settled: false });

function failedOf({ model, headers = {}, maxRetries }: Tried, tries: number, tooLongMs?: number): Failed {
  const { provider, modelId } = model;
  return { provider, modelId, secrets: secretsOf(headers), tries, settled: maxRetries > 0, tooLongMs };
}

/** Does the work, and does it again where what went wrong may pass. */
export async function retrying<T>(work: () => PromiseLike<T>, call: Tried): Promise<T> {
  const { name, choice, signal, context, maxRetries } = call;
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const hope = signal.aborted ? undefined : passing(error);
      if (!hope || attempt > maxRetries) throw fromSdkError(error, failedOf(call, attempt));
      const wait = waitBefore(attempt + 1, hope.waitMs, FIRST_WAIT_MS, choice);
      if (waited + wait > TOTAL_WAIT_MS) throw fromSdkError(error, failedOf(call, attempt, hope.waitMs));
      waited += wait;
      progress(context, `${name} ${waitInWords(wait, hope.why)}`, 'wait');
      await sleep(wait, { clock: context.clock, signal });
    }
  }
}
