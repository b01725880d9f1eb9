/** The same network in plain double-precision loops, written from its description: what the kernels are compared with. */
import type { Weights } from '../network/weights.ts';

/** Log-probabilities after every token. */
export function referenceLogprobs({ config, matrix, vector }: Weights, ids: readonly number[]): number[][] {
  const { width, heads, hidden, layers, vocabulary, rope_base: base, norm_epsilon: epsilon } = config;
  const headWidth = width / heads;
  const times = (name: string, rows: number, columns: number, x: readonly number[]): number[] => {
    const { values, scales } = matrix(`${name}.weight`, rows, columns);
    return Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += (values[row * columns + i] as number) * (x[i] as number);
      return sum * (scales[row] as number);
    });
  };
  const norm = (name: string, x: readonly number[]): number[] => {
    const gain = vector(`${name}.weight`, width);
    const mean = x.reduce((sum, value) => sum + value * value, 0) / width;
    return x.map((value, i) => (value / Math.sqrt(mean + epsilon)) * (gain[i] as number));
  };
  const turned = (x: readonly number[], position: number): number[] => {
    const out = [...x];
    for (let i = 0; i < width; i += 2) {
      const angle = position * base ** (-((i % headWidth) / 2) / (headWidth / 2));
      const [even, odd] = [x[i] as number, x[i + 1] as number];
      out[i] = even * Math.cos(angle) - odd * Math.sin(angle);
      out[i + 1] = even * Math.sin(angle) + odd * Math.cos(angle);
    }
    return out;
  };
  const plus = (x: readonly number[], y: readonly number[]): number[] => x.map((value, i) => value + (y[i] as number));
  const { values, scales } = matrix('token_embd.weight', vocabulary, width);
  let rows = ids.map((id) =>
    Array.from({ length: width }, (_, i) => (values[id * width + i] as number) * (scales[id] as number)),
  );
  for (let layer = 0; layer < layers; layer++) {
    const at = `blk.${layer}`;
    const normed = rows.map((x) => norm(`${at}.attn_norm`, x));
    const project = (name: string): number[][] => normed.map((x) => times(`${at}.${name}`, width, width, x));
    const queries = project('attn_q').map(turned);
    const keys = project('attn_k').map(turned);
    const inputs = project('attn_v');
    rows = rows.map((x, t) => {
      const mixed = Array.from({ length: width }, () => 0);
      for (let first = 0; first < width; first += headWidth) {
        const scores = Array.from({ length: t + 1 }, (_, s) => {
          let sum = 0;
          for (let i = first; i < first + headWidth; i++) sum += (queries[t]?.[i] as number) * (keys[s]?.[i] as number);
          return Math.exp(sum / Math.sqrt(headWidth));
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        for (let i = first; i < first + headWidth; i++)
          mixed[i] = scores.reduce((sum, score, s) => sum + (score / total) * (inputs[s]?.[i] as number), 0);
      }
      const y = plus(x, times(`${at}.attn_output`, width, width, mixed));
      const h = norm(`${at}.ffn_norm`, y);
      const up = times(`${at}.ffn_up`, hidden, width, h);
      const inner = times(`${at}.ffn_gate`, hidden, width, h).map(
        (g, i) => (g / (1 + Math.exp(-g))) * (up[i] as number),
      );
      return plus(y, times(`${at}.ffn_down`, width, hidden, inner));
    });
  }
  return rows.map((x) => {
    const logits = times('output', vocabulary, width, norm('output_norm', x));
    const greatest = Math.max(...logits);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0);
    return logits.map((logit) => logit - greatest - Math.log(total));
  });
}
