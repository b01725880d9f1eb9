/**
 * Tool calls of a stream, told apart under any numbering: servers number all of them 0, number none, leave the id out,
 * send it late, send it again with each piece, or send a new one with each piece.
 */
import { MalformedReply, type BackendStreamPart } from '../../../core/index.ts';
import type { CallPiece } from './message.ts';

/** A call as far as it has come. */
interface Call {
  /** Its place among the calls. */
  readonly at: number;
  index: number | undefined;
  /** The server's own id, once it was said. */
  own: string | undefined;
  name: string | undefined;
  input: string;
  /** The id it was begun with for those who listen. */
  id: string | undefined;
  /** Letters of the input that they were told, or need not be. */
  told: number;
}

export interface Calls {
  /** Takes the pieces of one chunk. */
  take(pieces: readonly CallPiece[]): Generator<BackendStreamPart>;
  /** Ends all calls. */
  end(): Generator<BackendStreamPart>;
  /** Whether there are calls, and all of them have a name and arguments that are whole. */
  areWhole(): boolean;
  /** The calls as a whole reply would hold them. */
  whole(): readonly CallPiece[];
}

/** `used`: ids of calls that stand in the conversation already. */
export function callsOf(shown: string, used: Iterable<string> = []): Calls {
  const calls: Call[] = [];
  const known: Known = { byId: new Map(), byIndex: new Map(), last: undefined };
  const ids = createIds(used);
  const made = (): Call[] =>
    calls.filter(({ name, own, input }) => name !== undefined || own !== undefined || input !== '');

  /** Says that a call has begun, as soon as it has a name. */
  const begin = function* (call: Call): Generator<BackendStreamPart> {
    if (call.id !== undefined || call.name === undefined) return;
    call.id = ids(call.own ?? `call-${call.at}`);
    yield { type: 'tool-input-start', id: call.id, toolName: call.name };
    yield* tell(call);
  };
  const tell = function* (call: Call): Generator<BackendStreamPart> {
    if (call.id === undefined) return;
    const delta = untold(call);
    if (delta !== '') yield { type: 'tool-input-delta', id: call.id, delta };
  };

  return {
    *take(pieces) {
      const before = calls.length;
      for (const [i, piece] of pieces.entries()) {
        // The pieces of one chunk are of different calls, or else numbered the same.
        const fresh = i > 0 && piece.index === undefined && piece.id === undefined && piece.name !== undefined;
        let call = fresh && calls.length > before ? undefined : goesOn(piece, known);
        if (call && repeats(piece, call)) continue;
        if (!call) {
          const { index, id: own, name } = piece;
          call = { at: calls.length, index, own, name, input: '', id: undefined, told: 0 };
          calls.push(call);
          known.last = call;
          if (index !== undefined) known.byIndex.set(index, call);
        }
        call.own ??= piece.id;
        if (call.own !== undefined && call.at >= (known.byId.get(call.own)?.at ?? 0)) known.byId.set(call.own, call);
        call.name ??= piece.name;
        yield* begin(call);
        if (!piece.input) continue;
        call.input += piece.input;
        yield* tell(call);
      }
    },
    *end() {
      for (const call of made()) {
        if (call.id === undefined || call.name === undefined)
          throw new MalformedReply({ url: shown, why: 'a tool call without a name', body: call.input });
        const input = settled(call.input);
        if (call.told === 0) yield { type: 'tool-input-delta', id: call.id, delta: input };
        yield { type: 'tool-input-end', id: call.id };
        yield { type: 'tool-call', toolCallId: call.id, toolName: call.name, input };
      }
    },
    areWhole: () =>
      made().length > 0 &&
      made().every(({ name, input }) => name !== undefined && isJson(settled(input)) && input !== ''),
    whole: () => made().map(({ id, name, input }) => ({ index: undefined, id, name, input: settled(input) })),
  };
}

/** The latest call of each id and of each number, and the latest of all. */
interface Known {
  readonly byId: Map<string, Call>;
  readonly byIndex: Map<number, Call>;
  last: Call | undefined;
}

/** The call that a piece goes on with; none where it begins one. */
function goesOn(piece: CallPiece, { byId, byIndex, last }: Known): Call | undefined {
  const { id, index, name } = piece;
  const same = id === undefined ? undefined : byId.get(id);
  if (same) return begins(piece, same) && same.input !== '{}' && !repeats(piece, same) ? undefined : same;
  const numbered = index === undefined ? undefined : byIndex.get(index);
  if (id !== undefined) {
    // A new id: of a call that had none so far, or sent anew with each piece, or else of a new call.
    if (numbered && (name === undefined || (numbered.own === undefined && !begins(piece, numbered)))) return numbered;
    return index === undefined && name === undefined ? last : undefined;
  }
  if (numbered) return begins(piece, numbered) ? undefined : numbered;
  // Without an id, an index that is known or a name there is nothing to tell it by: it belongs to what came last.
  if (name === undefined) return last;
  return index === undefined && last && !begins(piece, last) ? last : undefined;
}

/** Whether a piece with a name begins another call: the one before it is whole, or has another name. */
function begins({ name }: CallPiece, before: Call): boolean {
  if (name === undefined || before.name === undefined) return false;
  return before.name !== name || isJson(before.input);
}

/** Whether a piece says a whole call once more, as some servers do at its end. */
function repeats({ id, input }: CallPiece, call: Call): boolean {
  return id !== undefined && id === call.own && input === call.input && isJson(call.input);
}

function isJson(input: string): boolean {
  // Most are not at their end yet, which the last letter tells without a look at all of it.
  const [first = '', last] = [input.trimStart()[0], input.trimEnd().at(-1)];
  const end = ENDS.get(first);
  if (end !== undefined && last !== end) return false;
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}

const ENDS: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['[', ']'],
  ['"', '"'],
]);

/** The arguments, without the empty object that some servers send before the real ones. */
function settled(input: string): string {
  if (input.trim() === '') return '{}';
  const rest = input.startsWith('{}') ? input.slice(2).trimStart() : '';
  return rest.startsWith('{') && !isJson(input) && isJson(rest) ? rest : input;
}

/** What of the input is to be told now. An empty object waits: it may be all, or stand before the real one. */
function untold(call: Call): string {
  if (call.told === 0) {
    if (/^\s*(?:\{\}\s*)?$/.test(call.input)) return '';
    call.told = /^\{\}\s*(?=\{)/.exec(call.input)?.[0].length ?? 0;
  }
  const rest = call.input.slice(call.told);
  call.told = call.input.length;
  return rest;
}

/** Gives each call an id of its own: a conversation must not hold two calls of one id. */
export function createIds(earlier: Iterable<string>): (wanted: string) => string {
  const used = new Set(earlier);
  const next = new Map<string, number>();
  return (wanted) => {
    let id = wanted;
    for (let again = next.get(wanted) ?? 2; used.has(id); again++) {
      id = `${wanted}-${again}`;
      next.set(wanted, again + 1);
    }
    used.add(id);
    return id;
  };
}
