/** Stop sequences that a server leaves in the text, or does not heed: the text ends before the first of them. */
import { stopSequenceAt } from '../../../core/index.ts';
import { list, text, type Wire } from '../wire.ts';

/** The stop sequences of a request that must not be in the reply. */
export function stopsOf(sent: Wire): readonly string[] {
  if (sent['include_stop_str_in_output'] === true) return [];
  const { stop } = sent;
  return (typeof stop === 'string' ? [stop] : (list(stop) ?? [])).filter(
    (one) => text(one) !== undefined && one !== '',
  ) as string[];
}

/** A text that comes in pieces, held back where it may be the beginning of a stop sequence. */
export interface Cutter {
  /** What may be said of the text so far and was not said yet. */
  add(piece: string): string;
  /** What was held back and turned out to be text. */
  rest(): string;
  /** Whether a stop sequence was met: what comes after it is dropped. */
  readonly met: boolean;
}

export function cutterOf(stops: readonly string[]): Cutter {
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  let held = '';
  let met = false;
  return {
    add(piece) {
      if (met) return '';
      const all = held + piece;
      const at = stopSequenceAt(all, stops);
      met = at !== -1;
      const end = met ? at : all.length - begunAt(all, stops, longest);
      held = met ? '' : all.slice(end);
      return all.slice(0, end);
    },
    rest() {
      const last = held;
      held = '';
      return last;
    },
    get met() {
      return met;
    },
  };
}

/** How long an end of the text is that a stop sequence begins with. */
function begunAt(all: string, stops: readonly string[], longest: number): number {
  for (let length = Math.min(longest - 1, all.length); length > 0; length--)
    if (stops.some((stop) => stop.startsWith(all.slice(-length)))) return length;
  return 0;
}
