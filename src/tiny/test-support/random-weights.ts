/** A weights file of random numbers, for tests that need no trained model. */
import { threefry } from '../../core/index.ts';
import type { Config } from '../network/weights.ts';

export interface RandomWeightsOptions {
  readonly seed?: number;
  readonly config?: Partial<Config>;
  readonly merges?: ReadonlyArray<readonly [number, number]>;
  /** Tokens that can come next at all; the others have no probability. Default: all. */
  readonly likely?: readonly number[] | undefined;
  /** Greater numbers make the laws sharper. */
  readonly sharpness?: number;
}

const SPECIALS = ['<|end|>', '<|system|>', '<|user|>', '<|assistant|>', '<|tool|>', '<|5|>', '<|6|>', '<|7|>'];
const ROLES = { system: 1, user: 2, assistant: 3, tool: 4 };

/** The token of an ASCII letter. */
export const byteToken = (letter: string): number => SPECIALS.length + letter.charCodeAt(0);

export function randomWeights({
  seed = 0,
  config,
  merges = [],
  likely,
  sharpness = 1,
}: RandomWeightsOptions = {}): Uint8Array {
  const shape: Config = {
    vocabulary: SPECIALS.length + 256 + merges.length,
    width: 32,
    layers: 2,
    heads: 2,
    hidden: 48,
    context: 80,
    rope_base: 10_000,
    norm_epsilon: 1e-5,
    ...config,
  };
  let counter = 0;
  const byte = (): number => (threefry([seed, 0], [counter++, 0])[0] % 100) | 0;
  const tensors: { name: string; type: 'f32' | 'i8'; shape: number[]; at: number; scales?: number }[] = [];
  const blobs: Uint8Array[] = [];
  let end = 0;
  const put = (data: Int8Array | Float32Array): number => {
    const blob = new Uint8Array(Math.ceil(data.byteLength / 64) * 64);
    blob.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    blobs.push(blob);
    end += blob.length;
    return end - blob.length;
  };
  const matrix = (name: string, rows: number, columns: number, size: number): void => {
    const values = Int8Array.from({ length: rows * columns }, byte);
    const scales = Float32Array.from({ length: rows }, (_, row) => (size * (1 + (row % 3) / 4)) / 58);
    if (name === 'token_embd') for (let row = 0; row < rows; row++) values[row * columns] = 127;
    // The first number of the stream stays as the embedding has it, so a negative weight on it rules a token out.
    if (name.endsWith('attn_output') || name.endsWith('ffn_down')) values.fill(0, 0, columns);
    if (name === 'output' && likely) {
      for (let row = 0; row < rows; row++) {
        values[row * columns] = 0;
        if (likely.includes(row)) continue;
        values.fill(0, row * columns, (row + 1) * columns);
        values[row * columns] = -127;
        scales[row] = 100;
      }
    }
    tensors.push({ name: `${name}.weight`, type: 'i8', shape: [rows, columns], at: put(values), scales: put(scales) });
  };
  const vector = (name: string, length: number): void => {
    const values = Float32Array.from({ length }, () => 1 + byte() / 400);
    tensors.push({ name: `${name}.weight`, type: 'f32', shape: [length], at: put(values) });
  };
  const { vocabulary, width, hidden, layers } = shape;
  matrix('token_embd', vocabulary, width, 1);
  for (let i = 0; i < layers; i++) {
    vector(`blk.${i}.attn_norm`, width);
    for (const name of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) matrix(`blk.${i}.${name}`, width, width, 0.3);
    vector(`blk.${i}.ffn_norm`, width);
    matrix(`blk.${i}.ffn_gate`, hidden, width, 0.3);
    matrix(`blk.${i}.ffn_up`, hidden, width, 0.3);
    matrix(`blk.${i}.ffn_down`, width, hidden, 0.2);
  }
  vector('output_norm', width);
  matrix('output', vocabulary, width, 0.4 * sharpness);
  const header = JSON.stringify({
    format: 'plusx-tiny-1',
    config: shape,
    tensors,
    tokenizer: { specials: SPECIALS, roles: ROLES, end: 0, merges },
  });
  const text = new TextEncoder().encode(header.padEnd(Math.ceil((header.length + 8) / 64) * 64 - 8));
  const file = new Uint8Array(8 + text.length + end);
  file.set(new TextEncoder().encode('PLXT'));
  new DataView(file.buffer).setUint32(4, text.length, true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const blob of blobs) {
    file.set(blob, at);
    at += blob.length;
  }
  return file;
}
