/** The weights file: `PLXT`, the header's length, a JSON header, then tensors at multiples of 64 bytes (training/README.md). */
import { DataError } from '../../core/index.ts';
import type { Merges } from '../spelling/tokenizer.ts';

/** The shape of the network. */
export interface Config {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
  /** Positions there are. */
  readonly context: number;
  readonly rope_base: number;
  readonly norm_epsilon: number;
}

/** Rows of int8, each with its scale. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

export interface Weights {
  readonly config: Config;
  readonly tokenizer: Merges;
  /** Names the weights: equal for equal files, with all likelihood different for different ones. */
  readonly digest: string;
  matrix(name: string, rows: number, columns: number): Matrix;
  vector(name: string, length: number): Float32Array;
}

interface Entry {
  readonly name: string;
  readonly type: 'f32' | 'i8';
  readonly shape: readonly number[];
  readonly at: number;
  readonly scales?: number;
}

interface Header {
  readonly format: string;
  readonly config: Config;
  readonly tokenizer: Merges;
  readonly tensors: readonly Entry[];
}

/** Reads a weights file. `name` is what errors call it. */
export function parseWeights(file: Uint8Array, name = 'weights'): Weights {
  // Typed arrays want their own alignment, and a file read into a pooled buffer has none.
  const data = file.byteOffset % 8 === 0 ? file : Uint8Array.from(file);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const broken = (problem: string): DataError => new DataError({ file: name, problem });
  if (data.length < 8 || view.getUint32(0) !== MAGIC)
    throw broken('is no weights file of this model: it must start with PLXT');
  const start = 8 + view.getUint32(4, true);
  if (start > data.length) throw broken('is cut off within its header. Fetch it again');
  const { format, config, tokenizer, tensors } = JSON.parse(
    new TextDecoder().decode(data.subarray(8, start)),
  ) as Header;
  if (format !== FORMAT) throw broken(`has the format ${format}, and this version reads ${FORMAT}`);
  const named = new Map(tensors.map((entry) => [entry.name, entry]));
  const find = (wanted: string, type: Entry['type'], shape: readonly number[]): Entry => {
    const entry = named.get(wanted);
    if (!entry) throw broken(`has no tensor ${wanted}`);
    if (entry.type !== type || entry.shape.join() !== shape.join())
      throw broken(`${wanted} is ${entry.type} [${entry.shape.join(', ')}], expected ${type} [${shape.join(', ')}]`);
    return entry;
  };
  const place = (at: number, bytes: number): number => {
    if (start + at + bytes > data.length) throw broken('is cut off. Fetch it again');
    return data.byteOffset + start + at;
  };
  const floats = (at: number, length: number): Float32Array =>
    new Float32Array(data.buffer, place(at, length * 4), length);
  return {
    config,
    tokenizer,
    digest: digestOf(view),
    matrix(wanted, rows, columns) {
      const { at, scales = 0 } = find(wanted, 'i8', [rows, columns]);
      const values = new Int8Array(data.buffer, place(at, rows * columns), rows * columns);
      return { rows, columns, values, scales: floats(scales, rows) };
    },
    vector: (wanted, length) => floats(find(wanted, 'f32', [length]).at, length),
  };
}

/** Two 32-bit multiply-xor hashes over all words of the file. */
function digestOf(view: DataView): string {
  let a = view.byteLength;
  let b = 0x85ebca6b;
  for (let i = 0; i + 4 <= view.byteLength; i += 4) {
    const word = view.getInt32(i, true);
    a = Math.imul(a ^ word, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x5f356495);
    b ^= b >>> 13;
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

const MAGIC = 0x504c5854;
const FORMAT = 'plusx-tiny-1';
