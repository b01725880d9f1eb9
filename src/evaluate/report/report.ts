/** A report is plain data: facts, tables and pictures, which are written as Markdown, CSV or one HTML file. */

export interface Report {
  readonly title: string;
  /** The result in a sentence. */
  readonly summary: string;
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly sections: readonly Section[];
}

export type Section = Table | Picture;

export interface Table {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly { readonly title: string; readonly isText?: boolean }[];
  /** Numbers stand to the right. Unknown is `undefined`. */
  readonly rows: readonly (readonly (string | number | undefined)[])[];
}

export interface Picture {
  readonly kind: 'picture';
  readonly title: string;
  /** A whole SVG. */
  readonly svg: string;
}

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;
export const signed = (share: number): string => `${share > 0 ? '+' : ''}${percent(share)}`;
/** At most so many digits that tell something. */
export const figure = (value: number | undefined, digits = 4): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(digits));
