/** Writes a tiny GGUF file: a Llama of one block with seeded random weights over bytes, which likes the letters a to h and ends soon. */
import { writeFile } from 'node:fs/promises';
import { seeded } from '../../../core/index.ts';
import { f32, padded, text, u32, u64 } from './fields.ts';

const WIDTH = 16;
const HEADS = 2;
const HIDDEN = 32;
const SPECIALS = ['<|end|>', '<|user|>', '<|assistant|>'];
const TEMPLATE =
  "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

type Value = number | boolean | string | readonly string[] | readonly number[];

export async function writeTinyGguf(
  path: string,
  {
    context = 128,
    template = true,
    sampling = {},
  }: {
    readonly context?: number;
    readonly template?: boolean;
    readonly sampling?: { readonly [key: string]: number };
  } = {},
): Promise<void> {
  const letters = byteLetters();
  const tokens = [...SPECIALS, ...letters, 'th'];
  const metadata: { readonly [key: string]: Value } = {
    'general.architecture': 'llama',
    'general.name': 'test',
    'llama.context_length': context,
    'llama.embedding_length': WIDTH,
    'llama.block_count': 1,
    'llama.feed_forward_length': HIDDEN,
    'llama.attention.head_count': HEADS,
    'llama.attention.head_count_kv': HEADS,
    'llama.rope.dimension_count': WIDTH / HEADS,
    'llama.vocab_size': tokens.length,
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, i) => (i < SPECIALS.length ? 3 : 1)),
    'tokenizer.ggml.merges': ['t h'],
    'tokenizer.ggml.eos_token_id': 0,
    'tokenizer.ggml.add_bos_token': false,
    ...(template && { 'tokenizer.chat_template': TEMPLATE }),
  };
  const choice = seeded('gguf');
  const spread = Array.from({ length: 201 }, () => 1);
  const random = (name: string, ...shape: number[]) => {
    const source = choice.fork(name);
    const scale = name.startsWith('blk') ? 400 : 125; // a block that would drown the bias below is no use
    const size = shape.reduce((a, b) => a * b, 1);
    return { name, shape, data: Float32Array.from({ length: size }, () => (source.categorical(spread) - 100) / scale) };
  };
  const ones = (name: string) => ({ name, shape: [WIDTH], data: new Float32Array(WIDTH).fill(1) });
  const embedding = random('token_embd.weight', WIDTH, tokens.length);
  const output = random('output.weight', WIDTH, tokens.length);
  for (let token = 0; token < tokens.length; token++) {
    // The first number of every state is large, so the first column of the output is a bias.
    embedding.data[token * WIDTH] = 3;
    const letter = token - SPECIALS.length;
    output.data[token * WIDTH] = token === 0 || (letter >= 97 && letter <= 104) ? 1 : -1;
    if (token === 1 || token === 2) output.data[token * WIDTH] = -3;
  }
  const tensors = [
    embedding,
    ones('blk.0.attn_norm.weight'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => random(`blk.0.${name}.weight`, WIDTH, WIDTH)),
    ones('blk.0.ffn_norm.weight'),
    random('blk.0.ffn_gate.weight', WIDTH, HIDDEN),
    random('blk.0.ffn_up.weight', WIDTH, HIDDEN),
    random('blk.0.ffn_down.weight', HIDDEN, WIDTH),
    ones('output_norm.weight'),
    output,
  ];
  const parts: Buffer[] = [
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(Object.keys(metadata).length + Object.keys(sampling).length + 1),
  ];
  for (const [key, value] of Object.entries(metadata)) parts.push(text(key), ...typed(value));
  for (const [key, value] of Object.entries(sampling))
    parts.push(
      text(`general.sampling.${key}`),
      ...(Number.isInteger(value) ? [u32(5), u32(value)] : [u32(6), f32(value)]),
    );
  parts.push(text('llama.attention.layer_norm_rms_epsilon'), u32(6), f32(1e-5));
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    parts.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    offset += Math.ceil(data.byteLength / 32) * 32;
  }
  const head = Buffer.concat(parts);
  const bodies = tensors.map(({ data }) => padded(Buffer.from(data.buffer)));
  await writeFile(path, Buffer.concat([padded(head), ...bodies]));
}

/** The printable letter that stands for each byte in a byte-level vocabulary. */
function byteLetters(): string[] {
  let extra = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const own = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(own ? byte : extra++);
  });
}

function typed(value: Value): Buffer[] {
  if (typeof value === 'number') return [u32(4), u32(value)];
  if (typeof value === 'boolean') return [u32(7), Buffer.from([value ? 1 : 0])];
  if (typeof value === 'string') return [u32(8), text(value)];
  const strings = typeof value[0] === 'string';
  const items = value.map((item) => (typeof item === 'string' ? text(item) : u32(item)));
  return [u32(9), u32(strings ? 8 : 5), u64(value.length), ...items];
}
