/**
 * Writes a GGUF file with a large vocabulary and random weights: `node benchmarks/random-gguf.ts FILE [TOKENS] [LAYERS]`. It
 * writes no language. It is there because no model with so large a vocabulary is small enough to come with a package, and
 * what a vocabulary costs does not depend on what the weights say. Like a language, it takes few tokens often and many
 * seldom: the k-th token has a probability of about k to the power of -1.5.
 */
import { open } from 'node:fs/promises';
import { f32, padded, padding, text, u32, u64 } from '../src/models/gguf/test-support/fields.ts';

const WIDTH = 576;
const HEADS = 9;
const KEY_HEADS = 3;
const HIDDEN = 1536;
const BLOCK = 32;
const [Q8, FLOAT] = [8, 0];

const [path, tokens = '262144', layers = '30'] = process.argv.slice(2);
if (!path) {
  console.error('Name a file: node benchmarks/random-gguf.ts FILE [TOKENS] [LAYERS]');
  process.exit(2);
}
await write(path, Number(tokens), Number(layers));

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  /** A row of the tensor, as it stands in the file. */
  readonly row: (index: number) => Buffer;
}

async function write(file: string, vocabulary: number, blocks: number): Promise<void> {
  const random = generator(1);
  const matrix = (name: string, from: number, to: number): Tensor => ({
    name,
    shape: [from, to],
    type: Q8,
    row: () => quantized(from, 6.2e-5, () => (random() % 61) - 30),
  });
  const ones = (name: string): Tensor => ({
    name,
    shape: [WIDTH],
    type: FLOAT,
    row: () => Buffer.from(new Float32Array(WIDTH).fill(1).buffer),
  });
  const key = (WIDTH / HEADS) * KEY_HEADS;
  const tensors: Tensor[] = [
    {
      ...matrix('token_embd.weight', WIDTH, vocabulary),
      // The first number of every state is large, so the first column of the output is a bias.
      row: () => quantized(WIDTH, 0.05, (i) => (i === 0 ? 127 : (random() % 41) - 20)),
    },
    ...Array.from({ length: blocks }, (_, i) => `blk.${i}`).flatMap((at) => [
      ones(`${at}.attn_norm.weight`),
      matrix(`${at}.attn_q.weight`, WIDTH, WIDTH),
      matrix(`${at}.attn_k.weight`, WIDTH, key),
      matrix(`${at}.attn_v.weight`, WIDTH, key),
      matrix(`${at}.attn_output.weight`, WIDTH, WIDTH),
      ones(`${at}.ffn_norm.weight`),
      matrix(`${at}.ffn_gate.weight`, WIDTH, HIDDEN),
      matrix(`${at}.ffn_up.weight`, WIDTH, HIDDEN),
      matrix(`${at}.ffn_down.weight`, HIDDEN, WIDTH),
    ]),
    ones('output_norm.weight'),
    {
      ...matrix('output.weight', WIDTH, vocabulary),
      row: (token) => {
        const bias = token === 0 ? -127 : Math.round(127 - (1.5 * Math.log(token)) / 0.15);
        return quantized(WIDTH, 0.015, (i) => (i === 0 ? Math.max(-127, bias) : (random() % 13) - 6));
      },
    },
  ];
  const letters = byteLetters();
  const spelt = ['<|end|>', ...letters];
  for (let i = spelt.length; i < vocabulary; i++) spelt.push(`Ġ${i.toString(36)}`);
  const metadata: Buffer[] = [
    entry('general.architecture', 'llama'),
    entry('general.name', 'random weights'),
    entry('llama.context_length', 4096),
    entry('llama.embedding_length', WIDTH),
    entry('llama.block_count', blocks),
    entry('llama.feed_forward_length', HIDDEN),
    entry('llama.attention.head_count', HEADS),
    entry('llama.attention.head_count_kv', KEY_HEADS),
    entry('llama.vocab_size', vocabulary),
    entry('tokenizer.ggml.model', 'gpt2'),
    entry('tokenizer.ggml.pre', 'smollm'),
    entry('tokenizer.ggml.tokens', spelt),
    entry('tokenizer.ggml.merges', ['t h']),
    entry('tokenizer.ggml.eos_token_id', 0),
    Buffer.concat([text('llama.attention.layer_norm_rms_epsilon'), u32(6), f32(1e-5)]),
  ];
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(metadata.length), ...metadata];
  let offset = 0;
  for (const { name, shape, type } of tensors) {
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset));
    const length = rowBytes(type, shape[0] ?? 0) * (shape[1] ?? 1);
    offset += length + padding(length).length;
  }
  const out = await open(file, 'w');
  await out.write(padded(Buffer.concat(head)));
  for (const { shape, row } of tensors) {
    let part: Buffer[] = [];
    let length = 0;
    for (let i = 0; i < (shape[1] ?? 1); i++) {
      const data = row(i);
      part.push(data);
      length += data.length;
      if (part.length === 4096) {
        await out.write(Buffer.concat(part));
        part = [];
      }
    }
    await out.write(Buffer.concat([...part, padding(length)]));
  }
  await out.close();
}

function rowBytes(type: number, width: number): number {
  return type === Q8 ? (width / BLOCK) * (BLOCK + 2) : width * 4;
}

/** Numbers in blocks of 32, each a small whole number times `scale`. */
function quantized(width: number, scale: number, number: (index: number) => number): Buffer {
  const data = Buffer.alloc(rowBytes(Q8, width));
  const half = halfBits(scale);
  for (let at = 0, i = 0; i < width; i++) {
    if (i % BLOCK === 0) at = data.writeUInt16LE(half, at);
    at = data.writeInt8(number(i), at);
  }
  return data;
}

/** A positive number as 16 bits, to the nearest below. */
function halfBits(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const fraction = Math.floor((value / 2 ** exponent) * 1024);
  return fraction >= 1024 ? ((exponent + 15) << 10) + (fraction - 1024) : fraction;
}

/** xorshift: the same file each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** The printable letter that stands for each byte in a byte-level vocabulary. */
function byteLetters(): string[] {
  let extra = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const own = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(own ? byte : extra++);
  });
}

function entry(key: string, value: number | string | readonly string[]): Buffer {
  if (typeof value === 'number') return Buffer.concat([text(key), u32(4), u32(value)]);
  if (typeof value === 'string') return Buffer.concat([text(key), u32(8), text(value)]);
  return Buffer.concat([text(key), u32(9), u32(8), u64(value.length), ...value.map(text)]);
}
