/** What a GGUF file is written with: numbers with the little end first, texts behind their length, tensors at even places. */

/** Tensors begin at a multiple of so many bytes. */
const ALIGNMENT = 32;

/** The bytes between the end of what is so long and the next tensor. */
export const padding = (length: number): Buffer => Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);

export const padded = (data: Buffer): Buffer => Buffer.concat([data, padding(data.length)]);

export function u32(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value);
  return data;
}

export function u64(value: number): Buffer {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(BigInt(value));
  return data;
}

export function f32(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return data;
}

export function text(value: string): Buffer {
  const data = Buffer.from(value);
  return Buffer.concat([u64(data.length), data]);
}
