/**
 * One table is the journal, the cache and the means to resume: content-addressed key -> reply. The key holds the
 * model's identity, the request and the seed of the draw, which comes from the run's seed and the path of the call:
 * two draws of one request are two entries, and the same draw in a second run is the same entry.
 */
import type { Content, FinishReason, ProviderData } from '../message.ts';
import type { Request, Semantics, TokenLogprob, Warning } from '../sample.ts';
import type { Usage } from '../accounts/usage.ts';

/**
 * The number of the rule that gives draws their addresses (1: the whole path; 2: formulas share draws). With another rule the same
 * draw has another key, so whoever keeps a journal keeps this number beside it, and refuses entries of any other.
 */
export const ADDRESS_RULE = 2;

/** What one candidate of a base model is. Weight and semantics are the back end's, but for a recording of a technique. */
export interface Candidate {
  readonly content: readonly Content[];
  readonly finish: FinishReason;
  readonly logprob?: number | undefined;
  readonly tokens?: readonly TokenLogprob[] | undefined;
  /** The text as it was written, where thoughts are taken out of the content already. */
  readonly written?: string | undefined;
  readonly answer?: string | null | undefined;
  readonly providerMetadata?: ProviderData | undefined;
  readonly weight?: number;
  readonly semantics?: Semantics;
}

/** An entry. Plain data; binary file content is the only thing in it that JSON does not hold. */
export interface JournalEntry {
  readonly candidate: Candidate;
  readonly usage: Usage;
  /** Set where one call gave it with others: what it took itself is a share of theirs. */
  readonly shared?: true;
  /** Set where it is no call of a model but what was done beside it: see `recorded`. */
  readonly beside?: true;
  /** The run that drew it, where the journal names one. */
  readonly run?: string;
  /**
   * What the journal says of an entry that is old, or of a state of its model that is gone: it holds while no reply says of which model the
   * server is. No part of what is kept.
   */
  readonly old?: Warning;
  /** Set where the journal knows that no state of its model has followed that of the entry. No part of what is kept. */
  readonly isOfLate?: true;
}

export interface Journal {
  /** A run that several processes share: what it drew is counted as drawn, and not as replayed, in whichever of them it is read. */
  readonly run?: string;
  /** Whether what the run drew is on its budget already, wherever it was drawn. */
  readonly isCharged?: boolean;
  get(key: string): Promise<JournalEntry | undefined> | JournalEntry | undefined;
  /** Keeps the first entry of a key. Resolves when the entry is safe. */
  put(key: string, entry: JournalEntry): Promise<void> | void;
}

/** A journal that lives as long as the process. Its size is the number of calls in it. */
export function memoryJournal(): Journal & { readonly size: number } {
  const entries = new Map<string, JournalEntry>();
  return {
    get: (key) => entries.get(key),
    put(key, entry) {
      if (!entries.has(key)) entries.set(key, entry);
    },
    get size() {
      return [...entries.values()].filter(({ beside }) => !beside).length;
    },
  };
}

/** JSON with object keys in order and `undefined` left out: equal values give equal text. Binary data is written as numbers. */
export function canonicalJson(value: unknown): string {
  if (
    value === undefined ||
    value === null ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    typeof value === 'string'
  )
    return JSON.stringify(value ?? null);
  if (ArrayBuffer.isView(value))
    return `{"bytes":[${new Uint8Array(value.buffer, value.byteOffset, value.byteLength).join(',')}]}`;
  if (value instanceof URL || value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).filter(([, v]) => v !== undefined && typeof v !== 'function');
    fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
  }
  throw new TypeError(`canonicalJson: a ${typeof value} has no JSON form`);
}

const texts = new WeakMap<Request, string>();

/**
 * The part of a journal key that comes from the request: all of it but the number of candidates, the headers, and how its
 * answer is read, which no model is told.
 */
export function requestKey(request: Request): string {
  const known = texts.get(request);
  if (known !== undefined) return known;
  const { n: _n, from: _from, headers: _headers, providerOptions, ...identity } = request;
  const text = canonicalJson({ ...identity, providerOptions: sent(providerOptions) });
  texts.set(request, text);
  return text;
}

function sent(options: ProviderData | undefined): ProviderData | undefined {
  if (options?.['plusx']?.['answer'] === undefined) return options;
  const { plusx: { answer: _answer, ...plusx } = {}, ...others } = options;
  if (Object.keys(plusx).length > 0) return { ...others, plusx };
  return Object.keys(others).length > 0 ? others : undefined;
}
