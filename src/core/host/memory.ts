/** Notes and pages that outlive an inference: written after feedback, looked up before answering. */
import type { Context } from '../context/context.ts';
import type { Json } from '../message.ts';

/** One remembered text. */
export interface Note {
  readonly id: string;
  /** What it is found by: a question, a passage, a fact. */
  readonly text: string;
  /** What it says beyond its text: a correction, an answer, a source and its page. */
  readonly data?: { readonly [key: string]: Json | undefined } | undefined;
}

export interface Found extends Note {
  /** Higher is nearer; comparable within one search only. */
  readonly score: number;
  /** Cosine of the angle between the vectors of note and query, at most 1; `undefined` in a memory without vectors. */
  readonly similarity?: number | undefined;
}

/**
 * Every call names the namespace it works in: one user's notes are never found in another's, and what one user writes
 * does not change the order of what another finds. Pass the context of an inference where there is one: a memory whose
 * vectors are computed by a server puts those calls on its account, and stops when it is stopped.
 */
export interface Memory {
  readonly name: string;
  /** Adds notes; one with the id of another takes its place in the order. Resolves once they are kept. */
  put(namespace: string, notes: readonly Note[], context?: Context): Promise<void>;
  /** The `limit` notes nearest to the query, nearest first; of equals, the one put first. */
  search(namespace: string, query: string, limit: number, context?: Context): Promise<readonly Found[]>;
  /** The notes with these ids, or all of them, in the order they were first put. */
  list(namespace: string, ids?: readonly string[]): Promise<readonly Note[]>;
  /** The namespaces that hold a note, by name. */
  namespaces(): Promise<readonly string[]>;
  /** Deletes notes by id, or all of them, and what was indexed of them; resolves to how many there were. */
  remove(namespace: string, ids?: readonly string[]): Promise<number>;
}
