/**
 * The network at work: states of reading, extended by tokens in batches. A state is an immutable value; what two states have
 * in common they share. All of it is synchronous and deterministic, and a state does not depend on its batch.
 */
import { loadNetwork } from './network.ts';
import { PAGE, createKernels } from './kernels.ts';
import { createPages } from './pages.ts';
import { cos, exp, log, sin } from './math.ts';
import type { Config, Weights } from './weights.ts';

/** A text read so far. */
export interface State {
  readonly length: number;
  /** Pages that hold its keys and values. */
  readonly pages: readonly number[];
  /** Of the next token, one a token of the vocabulary; empty where they were not computed. */
  readonly logits: Float32Array;
}

export interface Job {
  readonly state: State;
  /** What to read next; at least one token. */
  readonly ids: readonly number[];
  /** Called with the logits after every one of `ids`, a view that is good during the call only. */
  readonly visit?: ((index: number, logits: Float32Array) => void) | undefined;
}

export interface Engine {
  readonly config: Config;
  /** Nothing read yet. */
  readonly empty: State;
  /** Reads on in all of the states at once; the given states stay as they are. */
  extend(jobs: readonly Job[]): State[];
  /** Another hold on the first `length` positions of a state, without computing anything. */
  fork(state: State, length?: number): State;
  /** Gives a state's pages back. A state that is dropped without gives them back when it is collected. */
  release(state: State): void;
  /** e^((logit - greatest) / temperature), 0 where `barred` is not, and their sum. The weights are good until the next call. */
  softmax(logits: Float32Array, temperature: number, barred: Uint8Array): { weights: Float64Array; total: number };
  readonly pages: { readonly used: number; readonly reserved: number; readonly bytes: number };
}

/** Tokens that go through the layers together; longer batches are cut, which changes nothing but speed. */
const CHUNK = 64;

export function createEngine(weights: Weights): Engine {
  const { config } = weights;
  const { width, layers, heads, hidden, context, vocabulary, norm_epsilon: epsilon } = config;
  const kernels = createKernels();
  const network = loadNetwork(kernels, weights);
  const headWidth = width / heads;
  const layerBytes = 2 * width * PAGE * 4;
  const pageBytes = layers * layerBytes;
  const pages = createPages(kernels, pageBytes);
  const mostPages = Math.ceil(context / PAGE);

  const { cosines, sines } = turns(config, (count) => kernels.reserve(count * 4));
  kernels.floats(cosines.at, cosines.values.length).set(cosines.values);
  kernels.floats(sines.at, sines.values.length).set(sines.values);
  const padded = network.head.panels * 16;
  const room = {
    ids: kernels.reserve(CHUNK * 4),
    lengths: kernels.reserve(CHUNK * 4),
    slots: kernels.reserve(CHUNK * 4),
    tables: kernels.reserve(CHUNK * 4),
    table: kernels.reserve(CHUNK * mostPages * 4),
    x: kernels.reserve(CHUNK * width * 4),
    h: kernels.reserve(CHUNK * width * 4),
    wide: kernels.reserve(CHUNK * Math.max(3 * width, 2 * hidden) * 4),
    inner: kernels.reserve(CHUNK * hidden * 4),
    logits: kernels.reserve(CHUNK * padded * 4),
    scores: kernels.reserve(mostPages * PAGE * 4),
    weights: kernels.reserve(padded * 8),
    softmax: kernels.reserve(padded * 4),
  };

  const held = new FinalizationRegistry<readonly number[]>((list) => list.forEach(pages.drop));
  const hold = (state: State): State => {
    held.register(state, state.pages, state);
    return state;
  };
  const empty: State = { length: 0, pages: [], logits: NONE };

  /** The pages of a state that reads `count` more tokens. */
  const grown = ({ length, pages: old }: State, count: number): number[] => {
    const full = Math.floor(length / PAGE);
    const slot = length % PAGE;
    const list = old.slice(0, full);
    list.forEach(pages.share);
    if (slot > 0) list.push(pages.writable(old[full] as number, slot, slot + count));
    while (list.length * PAGE < length + count) list.push(pages.take(length + count - list.length * PAGE));
    return list;
  };

  /** Takes the tokens in the chunk through all layers; leaves the last layer's output in `room.x`. */
  const forward = (tokens: number): void => {
    kernels.embed(room.ids, network.embedding.values, network.embedding.scales, room.x, tokens, width);
    const linear = (x: number, { values, scales, columns, panels }: typeof network.head, y: number, add: 0 | 1): void =>
      kernels.linear(x, values, scales, y, tokens, columns, panels, add);
    network.layers.forEach((layer, i) => {
      const offset = i * layerBytes;
      const { lengths, tables } = room;
      kernels.normalize(room.x, layer.attentionNorm, room.h, tokens, width, epsilon);
      linear(room.h, layer.qkv, room.wide, 0);
      kernels.rotate(
        room.wide,
        width * 12,
        tokens,
        heads,
        headWidth,
        cosines.at,
        sines.at,
        lengths,
        room.slots,
        offset,
      );
      kernels.attend(room.wide, width * 12, room.h, tokens, heads, headWidth, tables, lengths, offset, room.scores);
      linear(room.h, layer.output, room.x, 1);
      kernels.normalize(room.x, layer.mlpNorm, room.h, tokens, width, epsilon);
      linear(room.h, layer.gateUp, room.wide, 0);
      kernels.gated(room.wide, hidden * 8, room.inner, tokens, hidden);
      linear(room.inner, layer.down, room.x, 1);
    });
  };

  /** The logits after the tokens in the given rows of the chunk, one after the other. */
  const readOut = (rows: readonly number[]): Float32Array[] => {
    const { values, scales, columns, panels } = network.head;
    rows.forEach((row, i) =>
      kernels.normalize(room.x + row * width * 4, network.finalNorm, room.h + i * width * 4, 1, width, epsilon),
    );
    kernels.linear(room.h, values, scales, room.logits, rows.length, columns, panels, 0);
    return rows.map((_, i) => kernels.floats(room.logits + i * padded * 4, vocabulary));
  };

  return {
    config,
    empty,
    extend(jobs) {
      for (const { state, ids } of jobs) {
        if (ids.length === 0 || state.length + ids.length > context)
          throw new RangeError(`extend: ${ids.length} tokens after ${state.length} do not fit ${context} positions`);
        if (ids.some((id) => !(id >= 0 && id < vocabulary))) throw new RangeError('extend: no token of the vocabulary');
      }
      const lists = jobs.map(({ state, ids }) => grown(state, ids.length));
      const [idOf, lengthOf, slotOf, tableOf] = [room.ids, room.lengths, room.slots, room.tables].map((at) =>
        kernels.words(at, CHUNK),
      ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
      const found: Float32Array[] = [];
      let wanted: { readonly row: number; readonly use: (logits: Float32Array) => void }[] = [];
      let tokens = 0;
      const flush = (): void => {
        if (tokens === 0) return;
        forward(tokens);
        const views = readOut(wanted.map(({ row }) => row));
        wanted.forEach(({ use }, i) => use(views[i] as Float32Array));
        wanted = [];
        tokens = 0;
      };
      jobs.forEach(({ state, ids, visit }, job) => {
        const addresses = (lists[job] as number[]).map(pages.address);
        let table = -1;
        ids.forEach((id, index) => {
          if (tokens === 0) table = -1;
          if (table === -1) {
            table = room.table + tokens * mostPages * 4;
            kernels.words(table, addresses.length).set(addresses);
          }
          const position = state.length + index;
          idOf[tokens] = id;
          lengthOf[tokens] = position + 1;
          slotOf[tokens] = addresses[Math.floor(position / PAGE)] as number;
          tableOf[tokens] = table;
          const last = index === ids.length - 1;
          if (visit || last) {
            const use = (logits: Float32Array): void => {
              visit?.(index, logits);
              if (last) found[job] = logits.slice();
            };
            wanted.push({ row: tokens, use });
          }
          if (++tokens === CHUNK) flush();
        });
      });
      flush();
      return jobs.map(({ state, ids }, job) =>
        hold({
          length: state.length + ids.length,
          pages: lists[job] as number[],
          logits: found[job] as Float32Array,
        }),
      );
    },
    fork(state, length = state.length) {
      const list = state.pages.slice(0, Math.ceil(length / PAGE));
      list.forEach(pages.share);
      return hold({ length, pages: list, logits: length === state.length ? state.logits : NONE });
    },
    release(state) {
      if (held.unregister(state)) state.pages.forEach(pages.drop);
    },
    softmax(logits, temperature, barred) {
      const view = kernels.floats(room.softmax, padded);
      view.fill(-Infinity, vocabulary);
      view.set(logits);
      for (let id = 0; id < barred.length; id++) if (barred[id] !== 0) view[id] = -Infinity;
      const total = kernels.softmax(room.softmax, room.weights, padded, temperature);
      return { weights: kernels.doubles(room.weights, vocabulary), total };
    },
    pages: {
      get used() {
        return pages.used;
      },
      get reserved() {
        return pages.reserved;
      },
      bytes: pageBytes,
    },
  };
}

const NONE = new Float32Array();

interface Table {
  readonly at: number;
  readonly values: Float32Array;
}

/** Cosine and sine of position · base^(-i / half) for every position and pair of a head. */
function turns(
  { context, width, heads, rope_base: base }: Config,
  reserve: (count: number) => number,
): { cosines: Table; sines: Table } {
  const half = width / heads / 2;
  const frequencies = Array.from({ length: half }, (_, i) => exp((-i / half) * log(base)));
  const table = (f: (x: number) => number): Table => ({
    at: reserve(context * half),
    values: Float32Array.from({ length: context * half }, (_, i) =>
      f(Math.floor(i / half) * (frequencies[i % half] as number)),
    ),
  });
  return { cosines: table(cos), sines: table(sin) };
}
