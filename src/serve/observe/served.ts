/** A request that is over, as those who watch are told of it. */
import type { Usage } from '../../core/index.ts';

/** As the warnings of runs name it. */
export type Standby = 'fell-back' | 'hedged';

/** Nothing but `said` is of what was said: no message, no answer, no header, no key. */
export interface Served {
  /** 16 hexadecimal digits; where it was answered by a run, the id of the generation. */
  readonly request?: string | undefined;
  /** As in `/v1/chat/completions`; `other` where there is no such route. */
  readonly route: string;
  /** 499 where the client left before the answer was out. */
  readonly status: number;
  readonly ms: number;
  /** The id of the model as the client wrote it. */
  readonly model?: string | undefined;
  /** The same, where it is a name that the server lists and not a formula of the client's. */
  readonly name?: string | undefined;
  /** The id of the key, and whose it is. */
  readonly key?: string | undefined;
  readonly keyName?: string | undefined;
  readonly generation?: string | undefined;
  /** Milliseconds that it waited for its turn and for its part of a budget. */
  readonly waitedMs?: number | undefined;
  /** What it took of the servers behind this one; nothing where none of them was asked. */
  readonly usage?: Usage | undefined;
  /** Which models that stand by were asked: for one that failed, for one that was late. */
  readonly standby?: readonly Standby[] | undefined;
  /** Why there is no whole answer: a code of the table of errors, or `upstream_STATUS` for one that was handed on. */
  readonly failure?: string | undefined;
  /** What was not expected to fail. */
  readonly error?: unknown;
  /** What was asked and answered, as it was sent; only where logs want it. */
  readonly said?: { readonly asked: string; readonly answered: string } | undefined;
}
