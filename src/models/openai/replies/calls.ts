/**
 * Tool calls of a stream, told apart under any numbering: servers number all of them 0, number none, leave the id out,
 * send it late, send it again with each piece, or send a new one with each piece.
 */
import { MalformedReply, type BackendStreamPart } from '../../../core/index.ts';
import type { CallPiece } from './message.ts';

/** A call as far as it has come. */
interface Call {
  index: number | undefined;
  /** The server's own id, once it was said. */
  own: string | undefined;
  name: string | undefined;
  input: string;
  /** The id it was begun with for those who listen. */
  id: string | undefined;
}

export interface Calls {
  /** Takes the pieces of one chunk. */
  take(pieces: readonly CallPiece[]): Generator<BackendStreamPart>;
  /** Ends all calls. */
  end(): Generator<BackendStreamPart>;
  /** The calls as a whole reply would hold them. */
  whole(): readonly CallPiece[];
}

export function callsOf(shown: string): Calls {
  const calls: Call[] = [];
  const made = (): Call[] =>
    calls.filter(({ name, own, input }) => name !== undefined || own !== undefined || input !== '');

  /** Says that a call has begun, as soon as it has a name. */
  const begin = function* (call: Call): Generator<BackendStreamPart> {
    if (call.id !== undefined || call.name === undefined) return;
    call.id = unused(call.own ?? `call-${calls.indexOf(call)}`, calls);
    yield { type: 'tool-input-start', id: call.id, toolName: call.name };
    if (call.input !== '') yield { type: 'tool-input-delta', id: call.id, delta: call.input };
  };

  return {
    *take(pieces) {
      const before = calls.length;
      for (const [i, piece] of pieces.entries()) {
        // The pieces of one chunk are of different calls, or else numbered the same.
        const fresh = i > 0 && piece.index === undefined && piece.id === undefined && piece.name !== undefined;
        let call = fresh && calls.length > before ? undefined : goesOn(piece, calls);
        if (call && repeats(piece, call)) continue;
        if (!call) {
          call = { index: piece.index, own: piece.id, name: piece.name, input: '', id: undefined };
          calls.push(call);
        }
        call.own ??= piece.id;
        call.name ??= piece.name;
        yield* begin(call);
        if (!piece.input) continue;
        call.input += piece.input;
        if (call.id !== undefined) yield { type: 'tool-input-delta', id: call.id, delta: piece.input };
      }
    },
    *end() {
      for (const call of made()) {
        if (call.id === undefined || call.name === undefined)
          throw new MalformedReply({ url: shown, why: 'a tool call without a name', body: call.input });
        yield { type: 'tool-input-end', id: call.id };
        yield { type: 'tool-call', toolCallId: call.id, toolName: call.name, input: settled(call.input) };
      }
    },
    whole: () => made().map(({ id, name, input }) => ({ index: undefined, id, name, input: settled(input) })),
  };
}

/** The call that a piece goes on with; none where it begins one. */
function goesOn(piece: CallPiece, calls: readonly Call[]): Call | undefined {
  const { id, index, name } = piece;
  const last = calls.at(-1);
  const same = id === undefined ? undefined : calls.findLast(({ own }) => own === id);
  if (same) return begins(piece, same) && same.input !== '{}' && !repeats(piece, same) ? undefined : same;
  const numbered = index === undefined ? undefined : calls.findLast((call) => call.index === index);
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
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}

/** The arguments, without the empty object that some servers send before the real ones. */
function settled(input: string): string {
  if (input.trim() === '') return '{}';
  const rest = input.startsWith('{}') ? input.slice(2).trimStart() : '';
  return rest.startsWith('{') && !isJson(input) && isJson(rest) ? rest : input;
}

/** A conversation must not hold two calls of one id. */
function unused(id: string, calls: readonly Call[]): string {
  const used = new Set(calls.map((call) => call.id));
  if (!used.has(id)) return id;
  let again = 2;
  while (used.has(`${id}-${again}`)) again++;
  return `${id}-${again}`;
}
