/** What is handed out, as the text by which all processes know it, of whatever version of plusx they are. */
import { decodeJson, encodeJson } from '../../core/index.ts';
import type { Share } from '../../evaluate/elsewhere/division.ts';
import { UsageError } from '../failure.ts';

/** An item, and which of its parts are done together. */
export interface Unit {
  readonly line: number;
  readonly item: string;
  readonly parts: readonly number[];
  /** Of a search: what its workers are told of the round. */
  readonly chapter?: string | undefined;
  /** What of the item is done. Default: all of it. */
  readonly share?: Share | undefined;
  /** The version that its chapter needs, where that is a newer one: it tells of wordings that are written in the search. */
  readonly version?: 3 | undefined;
}

/**
 * The newest version of units that is known here. A unit is of the oldest version that can say it: one of version 1 is a list, as it was
 * before there were others, and workers of before do it. One of a later version says so, and a worker that does not know it leaves it to others: those
 * of before cannot read it at all.
 */
export const UNITS_VERSION = 3;

type First = readonly [item: string, line: number, parts: readonly number[], chapter?: string | null];
type Second = readonly [...Required<First>, share?: Share | null];

/** What a person calls it. */
export function inWords({ item, share }: Unit): string {
  const whole = item === '' ? 'the question' : `item ${item}`;
  if (!share?.branches) return whole;
  const { from, to } = share.branches;
  return `${to - from > 1 ? `branches ${from + 1} to ${to}` : `branch ${from + 1}`} of ${whole}`;
}

/** Fields that are left out at the end are not written: a unit is a name, and the same one as ever. */
export function writeUnit({ line, item, parts, chapter, share, version }: Unit): string {
  if (share || version)
    return encodeJson({ version: version ?? 2, unit: [item, line, parts, chapter ?? null, share ?? null] });
  return encodeJson([item, line, parts, ...(chapter === undefined ? [] : [chapter])]);
}

export function readUnit(text: string): Unit {
  const read = decodeJson(text) as First | { readonly version: number; readonly unit: Second };
  if ('version' in read && read.version > UNITS_VERSION)
    throw new UsageError(
      `A newer plusx hands out units of version ${read.version}, and the one here knows those up to ${UNITS_VERSION}: update it.`,
    );
  const [item, line, parts, chapter, share]: First | Second = 'version' in read ? read.unit : [...read];
  const version = 'version' in read && read.version === 3 ? 3 : undefined;
  return { item, line, parts, chapter: chapter ?? undefined, share: share ?? undefined, version };
}
