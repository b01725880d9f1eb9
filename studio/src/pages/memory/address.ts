/** Where a place of the memory is: its namespace, what is searched there, and the note that is open. */
import { href } from '../../shell/route.ts';

export interface Place {
  readonly in?: string | undefined;
  readonly q?: string | undefined;
  readonly note?: string | undefined;
}

export const addressOf = ({ in: namespace, q, note }: Place): string => href('memory', [], { in: namespace, q, note });

/** The query of what the server is asked. */
export const asked = (fields: { readonly [name: string]: string }): string => new URLSearchParams(fields).toString();
