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
  const { config, tokenizer, tensors } = headerOf(data.subarray(8, start), data.length, broken);
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
    sound(new Float32Array(data.buffer, place(at, length * 4), length));
  const sound = (values: Float32Array): Float32Array => {
    if (!values.every((value) => Math.abs(value) < LARGEST))
      throw broken('holds numbers that no weights are. Fetch it again');
    return values;
  };
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

/** Scales and norms are far smaller; with larger ones the network ends in numbers that are none. */
const LARGEST = 1000;
/** The most that a number of the shape may be. */
const MOST = 1e6;

/** The header, each field as it should be: a file may be damaged, or made by somebody else. */
function headerOf(bytes: Uint8Array, size: number, broken: (problem: string) => DataError): Header {
  const fail = (what: string): never => {
    throw broken(`has a header whose ${what}. Fetch it again`);
  };
  let header: Partial<Header>;
  try {
    header = Object(JSON.parse(new TextDecoder().decode(bytes))) as Partial<Header>;
  } catch {
    return fail('text is no JSON');
  }
  const { format, config, tokenizer, tensors } = header;
  if (format !== FORMAT) throw broken(`has the format ${JSON.stringify(format)}, and this version reads ${FORMAT}`);
  if (typeof config !== 'object' || config === null) return fail('shape is missing');
  for (const name of ['vocabulary', 'width', 'layers', 'heads', 'hidden', 'context'] as const)
    if (!(isCount(config[name]) && config[name] > 0 && config[name] <= MOST)) fail(`${name} is ${config[name]}`);
  for (const name of ['rope_base', 'norm_epsilon'] as const)
    if (!(config[name] > 0 && config[name] <= 1e9)) fail(`${name} is ${config[name]}`);
  // A byte a weight: what is larger than the file is not in it.
  const { vocabulary, width, hidden } = config;
  if (Math.max(vocabulary, hidden, width) * width > size) fail('shape is larger than the file');
  if (!isMerges(tokenizer, vocabulary)) return fail('tokenizer is not as it should be');
  if (!Array.isArray(tensors) || !tensors.every(isEntry)) return fail('tensors are not as they should be');
  return { format, config, tokenizer, tensors };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isEntry(value: unknown): value is Entry {
  const { name, type, shape, at, scales = 0 } = Object(value) as Partial<Entry>;
  const stands = isCount(at) && isCount(scales) && scales % 4 === 0 && (type !== 'f32' || at % 4 === 0);
  return typeof name === 'string' && (type === 'f32' || type === 'i8') && Array.isArray(shape) && stands;
}

function isMerges(value: unknown, vocabulary: number): value is Merges {
  const { specials, roles, end, merges } = Object(value) as Partial<Merges>;
  if (!Array.isArray(specials) || !Array.isArray(merges) || typeof roles !== 'object' || roles === null) return false;
  const first = specials.length + 256;
  const isSpecial = (id: unknown): boolean => isCount(id) && id < specials.length;
  // A merge is of tokens that are there before it.
  const isMerge = (pair: unknown, i: number): boolean =>
    Array.isArray(pair) &&
    pair.length === 2 &&
    pair.every((id) => isCount(id) && id >= specials.length && id < first + i);
  return (
    first + merges.length <= vocabulary &&
    specials.every((special) => typeof special === 'string') &&
    [end, ...Object.values(roles)].every(isSpecial) &&
    merges.every(isMerge)
  );
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
