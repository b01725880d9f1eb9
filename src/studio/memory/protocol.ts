/** What the pages of memory ask, and what they are answered. */

export interface Namespaces {
  /** Whether the studio was given a memory at all. */
  readonly isOpen: boolean;
  readonly namespaces: readonly { readonly namespace: string; readonly notes: number }[];
}

/** A note in a list: its text may be cut. */
export interface ListedNote {
  readonly id: string;
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export interface Notes {
  readonly notes: readonly ListedNote[];
  /** What to ask for next; nothing on the last page. */
  readonly next: number | undefined;
}

/** A note that a search found. Ranks count from 1, and are not there where a note was not found that way. */
export interface FoundNote extends ListedNote {
  readonly byWords: number | undefined;
  readonly byVectors: number | undefined;
  /** Of the two ranks together: what the list is ordered by. */
  readonly score: number;
  /** Cosine of the vectors of query and note. */
  readonly similarity: number | undefined;
}

/** A note as it is kept, and where it was used. */
export interface ShownNote {
  readonly id: string;
  readonly text: string;
  /** What it says beyond its text, as JSON. */
  readonly data: string | undefined;
  readonly items: readonly { readonly run: string; readonly item: string }[];
  readonly traces: readonly { readonly id: string; readonly created: string }[];
}

export interface KeptNote {
  readonly id: string;
}
