/**
 * The arithmetic of the embedded language model, in AssemblyScript: `node scripts/kernels.ts` compiles it.
 *
 * Every sum runs in one order that depends on nothing but the sequence itself: an output of `linear` adds over its inputs
 * from first to last, attention over positions from first to last. How many tokens share a call changes which registers
 * are used, never the order, so a sequence gets the same bits alone and in a batch, on every engine: WebAssembly rounds
 * each operation on its own and these kernels use no relaxed instruction.
 *
 * A page holds PAGE positions of all layers. A layer of it: keys [head][dimension][position], values [head][position][dimension].
 */

/** Positions of a page, and rows of a panel of weights. */
const PAGE: i32 = 16;
const PANEL: i32 = 16;

/**
 * Orders a matrix of int8 rows into panels of 16 rows, [panel][column][row], as floats: they take four times the memory, and
 * even a single token is then twice as fast as where each use converts them. Rows that are missing are zeros.
 */
export function pack(from: usize, to: usize, rows: i32, columns: i32): void {
  for (let first = 0; first < rows; first += PANEL) {
    for (let column = 0; column < columns; column++) {
      for (let row = first; row < first + PANEL; row++) {
        store<f32>(to, row < rows ? <f32>load<i8>(from + <usize>(row * columns + column)) : 0);
        to += 4;
      }
    }
  }
}

/** Rows of an int8 table times their scales. */
export function embed(ids: usize, table: usize, scales: usize, to: usize, tokens: i32, width: i32): void {
  for (let token = 0; token < tokens; token++) {
    const id = load<i32>(ids + ((<usize>token) << 2));
    const scale = load<f32>(scales + ((<usize>id) << 2));
    const row = table + <usize>(id * width);
    for (let i: usize = 0; i < <usize>width; i++, to += 4) store<f32>(to, <f32>load<i8>(row + i) * scale);
  }
}

/** x / sqrt(mean(x²) + ε) · gain, row by row. */
export function normalize(from: usize, gain: usize, to: usize, tokens: i32, width: i32, epsilon: f32): void {
  const bytes = (<usize>width) << 2;
  for (let token = 0; token < tokens; token++, from += bytes, to += bytes) {
    let squares = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(from + i);
      squares = f32x4.add(squares, f32x4.mul(x, x));
    }
    const factor = f32x4.splat(<f32>1 / sqrt<f32>(total(squares) / <f32>width + epsilon));
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(to + i, f32x4.mul(f32x4.mul(v128.load(from + i), factor), v128.load(gain + i)));
    }
  }
}

/** y = W x for every token, or y += W x. `weights` are packed panels; rows of y are `panels` · 16 floats apart. */
export function linear(
  x: usize,
  weights: usize,
  scales: usize,
  y: usize,
  tokens: i32,
  columns: i32,
  panels: i32,
  add: bool,
): void {
  const rowBytes = (<usize>columns) << 2;
  const outBytes = (<usize>panels) << 6;
  for (let panel = 0; panel < panels; panel++, weights += rowBytes << 4, scales += 64, y += 64) {
    let token = 0;
    let from = x;
    let to = y;
    for (; token + 2 <= tokens; token += 2, from += rowBytes << 1, to += outBytes << 1) {
      pair(from, from + rowBytes, weights, scales, to, to + outBytes, columns, add);
    }
    if (token < tokens) single(from, weights, scales, to, columns, add);
  }
}

function finish(to: usize, offset: usize, sum: v128, scales: usize, add: bool): void {
  const scaled = f32x4.mul(sum, v128.load(scales + offset));
  v128.store(to + offset, add ? f32x4.add(v128.load(to + offset), scaled) : scaled);
}

function single(x: usize, weights: usize, scales: usize, y: usize, columns: i32, add: bool): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  const end = x + ((<usize>columns) << 2);
  for (; x < end; x += 4, weights += 64) {
    const value = v128.load_splat<f32>(x);
    a = f32x4.add(a, f32x4.mul(value, v128.load(weights)));
    b = f32x4.add(b, f32x4.mul(value, v128.load(weights, 16)));
    c = f32x4.add(c, f32x4.mul(value, v128.load(weights, 32)));
    d = f32x4.add(d, f32x4.mul(value, v128.load(weights, 48)));
  }
  finish(y, 0, a, scales, add);
  finish(y, 16, b, scales, add);
  finish(y, 32, c, scales, add);
  finish(y, 48, d, scales, add);
}

function pair(x: usize, z: usize, weights: usize, scales: usize, y: usize, t: usize, columns: i32, add: bool): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let e = f32x4.splat(0);
  let f = f32x4.splat(0);
  let g = f32x4.splat(0);
  let h = f32x4.splat(0);
  const end = x + ((<usize>columns) << 2);
  for (; x < end; x += 4, z += 4, weights += 64) {
    const first = v128.load_splat<f32>(x);
    const second = v128.load_splat<f32>(z);
    let row = v128.load(weights);
    a = f32x4.add(a, f32x4.mul(first, row));
    e = f32x4.add(e, f32x4.mul(second, row));
    row = v128.load(weights, 16);
    b = f32x4.add(b, f32x4.mul(first, row));
    f = f32x4.add(f, f32x4.mul(second, row));
    row = v128.load(weights, 32);
    c = f32x4.add(c, f32x4.mul(first, row));
    g = f32x4.add(g, f32x4.mul(second, row));
    row = v128.load(weights, 48);
    d = f32x4.add(d, f32x4.mul(first, row));
    h = f32x4.add(h, f32x4.mul(second, row));
  }
  finish(y, 0, a, scales, add);
  finish(y, 16, b, scales, add);
  finish(y, 32, c, scales, add);
  finish(y, 48, d, scales, add);
  finish(t, 0, e, scales, add);
  finish(t, 16, f, scales, add);
  finish(t, 32, g, scales, add);
  finish(t, 48, h, scales, add);
}

/**
 * Turns the neighbouring pairs of queries and keys by their positions; queries stay where they are, keys and values go to
 * the page of their position. A row of `qkv` is [query, key, value], each [head][dimension], `stride` bytes long.
 */
export function rotate(
  qkv: usize,
  stride: usize,
  tokens: i32,
  heads: i32,
  headWidth: i32,
  cosines: usize,
  sines: usize,
  lengths: usize,
  pages: usize,
  layer: usize,
): void {
  const width = (<usize>(heads * headWidth)) << 2;
  for (let token = 0; token < tokens; token++, qkv += stride) {
    const position = load<i32>(lengths + ((<usize>token) << 2)) - 1;
    const slot = <usize>(position & (PAGE - 1));
    const turn = (<usize>(position * (headWidth >> 1))) << 2;
    const keys = load<usize>(pages + ((<usize>token) << 2)) + layer;
    const values = keys + width * PAGE;
    for (let head = 0; head < heads; head++) {
      const at = (<usize>(head * headWidth)) << 2;
      for (let i: usize = 0; i < <usize>headWidth; i += 2) {
        const cosine = load<f32>(cosines + turn + (i << 1));
        const sine = load<f32>(sines + turn + (i << 1));
        const query = qkv + at + (i << 2);
        const even = load<f32>(query);
        const odd = load<f32>(query, 4);
        store<f32>(query, even * cosine - odd * sine);
        store<f32>(query, even * sine + odd * cosine, 4);
        const keyEven = load<f32>(query + width);
        const keyOdd = load<f32>(query + width, 4);
        const key = keys + at * PAGE + (i << 6) + (slot << 2);
        store<f32>(key, keyEven * cosine - keyOdd * sine);
        store<f32>(key, keyEven * sine + keyOdd * cosine, 64);
      }
      memory.copy(
        values + at * PAGE + slot * ((<usize>headWidth) << 2),
        qkv + (width << 1) + at,
        (<usize>headWidth) << 2,
      );
    }
  }
}

/** Softmax attention of each token over the first `length` positions of its sequence. `room` holds a score a position. */
export function attend(
  queries: usize,
  stride: usize,
  out: usize,
  tokens: i32,
  heads: i32,
  headWidth: i32,
  tables: usize,
  lengths: usize,
  layer: usize,
  room: usize,
): void {
  const width = (<usize>(heads * headWidth)) << 2;
  const headBytes = (<usize>headWidth) << 2;
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(<f32>headWidth));
  for (let token = 0; token < tokens; token++, queries += stride, out += width) {
    const table = load<usize>(tables + ((<usize>token) << 2));
    const length = load<i32>(lengths + ((<usize>token) << 2));
    const count = <usize>((length + PAGE - 1) / PAGE);
    for (let head: usize = 0; head < <usize>heads; head++) {
      const inPage = layer + head * headBytes * PAGE;
      for (let page: usize = 0; page < count; page++) {
        scores(
          queries + head * headBytes,
          load<usize>(table + (page << 2)) + inPage,
          headBytes,
          scale,
          room + (page << 6),
        );
      }
      const sum = exponents(room, length, count);
      mix(room, length, count, sum, table, inPage + width * PAGE, headBytes, out + head * headBytes);
    }
  }
}

function scores(query: usize, keys: usize, headBytes: usize, scale: v128, to: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  const end = query + headBytes;
  for (; query < end; query += 4, keys += 64) {
    const value = v128.load_splat<f32>(query);
    a = f32x4.add(a, f32x4.mul(value, v128.load(keys)));
    b = f32x4.add(b, f32x4.mul(value, v128.load(keys, 16)));
    c = f32x4.add(c, f32x4.mul(value, v128.load(keys, 32)));
    d = f32x4.add(d, f32x4.mul(value, v128.load(keys, 48)));
  }
  v128.store(to, f32x4.mul(a, scale));
  v128.store(to, f32x4.mul(b, scale), 16);
  v128.store(to, f32x4.mul(c, scale), 32);
  v128.store(to, f32x4.mul(d, scale), 48);
}

/** Scores become e^(score - greatest), zero beyond `length`; returns their sum. */
function exponents(room: usize, length: i32, count: usize): f32 {
  const used = room + ((<usize>length) << 2);
  const end = room + (count << 6);
  const first = load<f32>(room);
  for (let at = used; at < end; at += 4) store<f32>(at, first);
  let most = v128.load(room);
  for (let at = room + 16; at < end; at += 16) most = f32x4.pmax(most, v128.load(at));
  const greatest = f32x4.splat(
    max<f32>(
      max<f32>(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max<f32>(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    ),
  );
  for (let at = room; at < end; at += 16) v128.store(at, exp4(f32x4.sub(v128.load(at), greatest)));
  for (let at = used; at < end; at += 4) store<f32>(at, 0);
  let sum = f32x4.splat(0);
  for (let at = room; at < end; at += 16) sum = f32x4.add(sum, v128.load(at));
  return total(sum);
}

/** The values of all positions, each times its share, 16 dimensions at a time. */
function mix(
  shares: usize,
  length: i32,
  count: usize,
  sum: f32,
  table: usize,
  inPage: usize,
  headBytes: usize,
  out: usize,
): void {
  const factor = f32x4.splat(<f32>1 / sum);
  for (let part: usize = 0; part < headBytes; part += 64) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let share = shares;
    let left = length;
    for (let page: usize = 0; page < count; page++) {
      let values = load<usize>(table + (page << 2)) + inPage + part;
      const end = share + ((<usize>min<i32>(left, PAGE)) << 2);
      for (; share < end; share += 4, values += headBytes) {
        const value = v128.load_splat<f32>(share);
        a = f32x4.add(a, f32x4.mul(value, v128.load(values)));
        b = f32x4.add(b, f32x4.mul(value, v128.load(values, 16)));
        c = f32x4.add(c, f32x4.mul(value, v128.load(values, 32)));
        d = f32x4.add(d, f32x4.mul(value, v128.load(values, 48)));
      }
      left -= PAGE;
    }
    v128.store(out + part, f32x4.mul(a, factor));
    v128.store(out + part, f32x4.mul(b, factor), 16);
    v128.store(out + part, f32x4.mul(c, factor), 32);
    v128.store(out + part, f32x4.mul(d, factor), 48);
  }
}

/** gate · sigmoid(gate) · up for rows of [gate, up], `stride` bytes apart. */
export function gated(from: usize, stride: usize, to: usize, tokens: i32, hidden: i32): void {
  const bytes = (<usize>hidden) << 2;
  const one = f32x4.splat(1);
  for (let token = 0; token < tokens; token++, from += stride, to += bytes) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const gate = v128.load(from + i);
      const swish = f32x4.div(gate, f32x4.add(one, exp4(f32x4.neg(gate))));
      v128.store(to + i, f32x4.mul(swish, v128.load(from + bytes + i)));
    }
  }
}

/**
 * e^((logit - greatest) / temperature) of `count` logits as doubles, 0 below e^-700; returns their sum, added from first to
 * last in two lanes. `count` is even.
 */
export function softmax(logits: usize, to: usize, count: i32, temperature: f64): f64 {
  const end = logits + ((<usize>count) << 2);
  let most = load<f32>(logits);
  for (let at = logits; at < end; at += 4) most = max<f32>(most, load<f32>(at));
  const greatest = f64x2.splat(<f64>most);
  const divisor = f64x2.splat(temperature);
  const least = f64x2.splat(-700);
  let sum = f64x2.splat(0);
  for (let at = logits; at < end; at += 8, to += 16) {
    const x = f64x2.div(f64x2.sub(f64x2.promote_low_f32x4(v128.load_zero<u64>(at)), greatest), divisor);
    const power = v128.and(exp2(f64x2.pmax(least, x)), f64x2.gt(x, least));
    v128.store(to, power);
    sum = f64x2.add(sum, power);
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function total(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** e^x to about 1e-7: x = n ln 2 + r, a polynomial for e^r, and n added to the exponent's bits. */
function exp4(given: v128): v128 {
  const x = f32x4.pmin(f32x4.splat(88), f32x4.pmax(f32x4.splat(-87), given));
  const magic = f32x4.splat(12582912); // 1.5 · 2^23: adding it rounds to an integer
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.0 / 5040);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 720));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 120));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** The same in double precision, for the probabilities a sample is drawn from. */
function exp2(x: v128): v128 {
  const magic = f64x2.splat(6755399441055744); // 1.5 · 2^52
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), magic);
  const n = f64x2.sub(shifted, magic);
  let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(6.9314718036912381649e-1)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(1.90821492927058770002e-10)));
  let p = f64x2.splat(1.0 / 6227020800);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 479001600));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 39916800));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 3628800));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 362880));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 40320));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  return i64x2.add(p, i64x2.shl(shifted, 52));
}
