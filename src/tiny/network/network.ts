/** Puts the tensors of a weights file where the kernels want them. */
import { DataError } from '../../core/index.ts';
import { PANEL, type Kernels } from './kernels.ts';
import type { Matrix, Weights } from './weights.ts';

/** Addresses of a matrix in panels; `panels` times 16 is its rows, rounded up. */
export interface Packed {
  readonly values: number;
  readonly scales: number;
  readonly columns: number;
  readonly panels: number;
}

export interface Layer {
  readonly attentionNorm: number;
  readonly qkv: Packed;
  readonly output: Packed;
  readonly mlpNorm: number;
  readonly gateUp: Packed;
  readonly down: Packed;
}

export interface Network {
  /** Plain rows, for looking up. */
  readonly embedding: { readonly values: number; readonly scales: number };
  readonly layers: readonly Layer[];
  readonly finalNorm: number;
  readonly head: Packed;
}

export function loadNetwork(kernels: Kernels, { config, matrix, vector }: Weights): Network {
  const { width, layers, heads, hidden, vocabulary } = config;
  for (const [name, value] of Object.entries({ width, hidden, 'width / heads': width / heads })) {
    if (!(value > 0 && value % PANEL === 0))
      throw new DataError({
        file: 'weights',
        problem: `${name} is ${value}, and the kernels need a multiple of ${PANEL}`,
      });
  }
  const staging = kernels.reserve(Math.max(vocabulary, width, hidden) * Math.max(width, hidden));
  const copy = (values: Float32Array | Int8Array): number => {
    const at = kernels.reserve(values.byteLength);
    kernels.bytes(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return at;
  };
  const norm = (name: string): number => copy(vector(`${name}.weight`, width));
  /** Matrices of the same input, one above the other. */
  const pack = (...parts: readonly Matrix[]): Packed => {
    const { columns } = parts[0] as Matrix;
    const panels = parts.reduce((sum, { rows }) => sum + Math.ceil(rows / PANEL), 0);
    const values = kernels.reserve(panels * PANEL * columns * 4);
    const scales = kernels.reserve(panels * PANEL * 4);
    let row = 0;
    for (const part of parts) {
      kernels.bytes(staging, part.values.length).set(part.values);
      kernels.pack(staging, values + row * columns * 4, part.rows, columns);
      kernels.floats(scales + row * 4, part.rows).set(part.scales);
      row += Math.ceil(part.rows / PANEL) * PANEL;
    }
    return { values, scales, columns, panels };
  };
  const square = (name: string): Matrix => matrix(`${name}.weight`, width, width);
  const table = matrix('token_embd.weight', vocabulary, width);
  return {
    embedding: { values: copy(table.values), scales: copy(table.scales) },
    layers: Array.from({ length: layers }, (_, i) => {
      const at = `blk.${i}.`;
      return {
        attentionNorm: norm(`${at}attn_norm`),
        qkv: pack(square(`${at}attn_q`), square(`${at}attn_k`), square(`${at}attn_v`)),
        output: pack(square(`${at}attn_output`)),
        mlpNorm: norm(`${at}ffn_norm`),
        gateUp: pack(matrix(`${at}ffn_gate.weight`, hidden, width), matrix(`${at}ffn_up.weight`, hidden, width)),
        down: pack(matrix(`${at}ffn_down.weight`, width, hidden)),
      };
    }),
    finalNorm: norm('output_norm'),
    head: pack(matrix('output.weight', vocabulary, width)),
  };
}
