/** Notes and pages that outlive an inference: written after feedback, looked up before answering. */
import type { Json } from './message.ts';

/** One remembered text. */
export interface Note {
  readonly id: string;
  /** What it is found by and shown as. */
  readonly text: string;
  /** What it says beyond its text: a correction, a source, a page number. */
  readonly data?: { readonly [key: string]: Json | undefined } | undefined;
}

export interface Found extends Note {
  /** Higher is nearer; comparable within one search only. */
  readonly score: number;
}

/** Every call names the namespace it works in: one user's notes are never found in another's. */
export interface Memory {
  readonly name: string;
  /** Adds notes; one with the id of another takes its place. Resolves once they are kept. */
  put(namespace: string, notes: readonly Note[]): Promise<void>;
  /** The `limit` notes nearest to the query, nearest first; of equals, the one put first. */
  search(namespace: string, query: string, limit: number): Promise<readonly Found[]>;
  /** All notes, in the order they were first put. */
  list(namespace: string): Promise<readonly Note[]>;
  /** Deletes notes by id, or all of them, and what was indexed of them; resolves to how many there were. */
  remove(namespace: string, ids?: readonly string[]): Promise<number>;
}
