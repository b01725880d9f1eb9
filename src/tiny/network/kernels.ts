/** The compiled kernels in an instance of their own, with the memory they work on. */
import { KERNEL_BYTES } from './kernels-bytes.ts';

/** See kernels/tiny.ts. All numbers but counts and settings are addresses. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  pack(from: number, to: number, rows: number, columns: number): void;
  embed(ids: number, table: number, scales: number, to: number, tokens: number, width: number): void;
  normalize(from: number, gain: number, to: number, tokens: number, width: number, epsilon: number): void;
  linear(
    x: number,
    weights: number,
    scales: number,
    y: number,
    tokens: number,
    columns: number,
    panels: number,
    add: 0 | 1,
  ): void;
  rotate(
    qkv: number,
    stride: number,
    tokens: number,
    heads: number,
    headWidth: number,
    cosines: number,
    sines: number,
    lengths: number,
    pages: number,
    layer: number,
  ): void;
  attend(
    queries: number,
    stride: number,
    out: number,
    tokens: number,
    heads: number,
    headWidth: number,
    tables: number,
    lengths: number,
    layer: number,
    room: number,
  ): void;
  gated(from: number, stride: number, to: number, tokens: number, hidden: number): void;
  softmax(logits: number, to: number, count: number, temperature: number): number;
}

export interface Kernels extends Exports {
  /** Address of `bytes` bytes that nothing else uses, at a multiple of 64. They are zeros. */
  reserve(bytes: number): number;
  /** Views of the memory; growth makes them empty, so they are made where they are used. */
  floats(at: number, length: number): Float32Array;
  doubles(at: number, length: number): Float64Array;
  words(at: number, length: number): Uint32Array;
  bytes(at: number, length: number): Uint8Array;
}

/** Positions of a page; a constant of the kernels. */
export const PAGE = 16;
/** Rows of a panel of weights; a constant of the kernels. */
export const PANEL = 16;

let compiled: WebAssembly.Module | undefined;

export function createKernels(): Kernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BYTES), (letter) => letter.charCodeAt(0)));
  const exports = new WebAssembly.Instance(compiled).exports as unknown as Exports;
  const { memory } = exports;
  let top = 64; // no address is 0
  return {
    ...exports,
    reserve(bytes) {
      const at = top;
      top = Math.ceil((at + bytes) / 64) * 64;
      const missing = Math.ceil((top - memory.buffer.byteLength) / 65_536);
      if (missing > 0) memory.grow(missing);
      return at;
    },
    floats: (at, length) => new Float32Array(memory.buffer, at, length),
    doubles: (at, length) => new Float64Array(memory.buffer, at, length),
    words: (at, length) => new Uint32Array(memory.buffer, at, length),
    bytes: (at, length) => new Uint8Array(memory.buffer, at, length),
  };
}
