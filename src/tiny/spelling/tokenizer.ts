/**
 * Byte-level BPE as the trainer has it: bytes are cut into pieces by one expression, and in each piece the earliest-learnt
 * merge is applied until none fits. Control tokens come from the layout of a chat only; no text encodes to them.
 */

/** The tokenizer's part of a weights file. */
export interface Merges {
  /** Names of the control tokens, from id 0 on. The 256 bytes follow, then one token a merge. */
  readonly specials: readonly string[];
  readonly roles: { readonly [role: string]: number };
  readonly end: number;
  readonly merges: ReadonlyArray<readonly [number, number]>;
}

export interface Tokenizer {
  readonly size: number;
  /** The token that ends a text. */
  readonly end: number;
  readonly roles: { readonly [role: string]: number };
  /** The bytes of each token; none for a control token. */
  readonly bytes: readonly Uint8Array[];
  /** The same as strings of one character a byte. */
  readonly binary: readonly string[];
  /** Ids of a text; a lone surrogate counts as U+FFFD. */
  encode(text: string): number[];
  encodeBytes(bytes: Uint8Array): number[];
  decode(ids: Iterable<number>): string;
  decodeBytes(ids: Iterable<number>): Uint8Array;
  /** Ids of a string of one character a byte, without remembering its words. */
  spell(binary: string): number[];
}

export function createTokenizer({ specials, roles, end, merges }: Merges): Tokenizer {
  const firstByte = specials.length;
  const firstMerge = firstByte + 256;
  const size = firstMerge + merges.length;
  const bytes: Uint8Array[] = [
    ...specials.map(() => new Uint8Array()),
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ];
  const merged = new Map<number, number>();
  for (const [i, [a, b]] of merges.entries()) {
    bytes.push(Uint8Array.of(...(bytes[a] ?? []), ...(bytes[b] ?? [])));
    merged.set(a * size + b, firstMerge + i);
  }
  const known = new Map<string, readonly number[]>();

  const encodePiece = (piece: string): readonly number[] => {
    let ids = Array.from(piece, (letter) => firstByte + letter.charCodeAt(0));
    while (ids.length > 1) {
      let best = size;
      for (let i = 1; i < ids.length; i++) {
        const id = merged.get((ids[i - 1] as number) * size + (ids[i] as number));
        if (id !== undefined && id < best) best = id;
      }
      if (best === size) break;
      ids = mergeAll(ids, merges[best - firstMerge] as readonly [number, number], best);
    }
    return ids;
  };

  /** `binary` holds one character a byte. */
  const encodeBinary = (binary: string): number[] => {
    const ids: number[] = [];
    for (const piece of piecesOf(binary)) {
      let found = known.get(piece);
      if (!found) {
        found = encodePiece(piece);
        if (known.size < MOST_KNOWN) known.set(piece, found);
      }
      for (const id of found) ids.push(id);
    }
    return ids;
  };

  const decodeBytes = (ids: Iterable<number>): Uint8Array => {
    const parts = Array.from(ids, (id) => {
      const part = bytes[id];
      if (!part) throw new RangeError(`decode: ${id} is no token; there are ${size}`);
      return part;
    });
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };

  return {
    size,
    end,
    roles,
    bytes,
    binary: bytes.map(binaryOf),
    encode: (text) => encodeBinary(binaryOf(new TextEncoder().encode(text))),
    encodeBytes: (data) => encodeBinary(binaryOf(data)),
    decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(decodeBytes(ids)),
    decodeBytes,
    spell: (binary) => piecesOf(binary).flatMap(encodePiece),
  };
}

/** Cuts a string of one character a byte into the pieces that merges do not cross. */
export function piecesOf(binary: string): readonly string[] {
  return binary.match(PIECE) ?? [];
}

/** Joins a pair wherever it stands, from the left. A merge learnt earlier cannot arise from this one, so one pass is enough. */
function mergeAll(ids: readonly number[], [a, b]: readonly [number, number], id: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === a && ids[i + 1] === b) {
      out.push(id);
      i++;
    } else out.push(ids[i] as number);
  }
  return out;
}

function binaryOf(data: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < data.length; i += 8192) binary += String.fromCharCode(...data.subarray(i, i + 8192));
  return binary;
}

const MOST_KNOWN = 20_000;

const PIECE =
  /'(?:s|t|re|ve|m|ll|d)| ?[A-Za-z\x80-\xff]+|[0-9]| ?[^ \t-\r0-9A-Za-z\x80-\xff]+|[ \t-\r]+(?![^ \t-\r0-9])|[ \t-\r]/g;
