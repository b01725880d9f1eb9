/** Particles: texts written side by side, each with a weight kept as its logarithm; -Infinity is one that is out. */
import {
  stopSequenceAt,
  NoCandidates,
  type Candidate,
  type Decoding,
  type Process,
  type Request,
} from '../../core/index.ts';
import { weightsOf } from '../shared/decode.ts';

export interface Particle {
  readonly state: Process;
  readonly text: string;
  /** Of the text under the base. */
  readonly logprob: number;
  readonly finish?: Candidate['finish'];
}
interface Weighed extends Particle {
  /** The logarithm of the weight, and that of the potential of the text so far. */
  readonly weight: number;
  readonly phi: number;
}
export interface Steering {
  readonly n: number;
  readonly resample: number;
  readonly phi: (particle: Particle, key: string) => Promise<number>;
}

/** Writes until every particle is finished or out, and draws one of them. */
export async function steer(io: Decoding, request: Request, { n, resample, phi }: Steering): Promise<Candidate> {
  const nothing: Weighed = { state: io.processes[0] as Process, text: '', logprob: 0, weight: 0, phi: 0 };
  const start = io.left() < 1 ? { ...nothing, finish: LENGTH } : nothing;
  let particles: readonly Weighed[] = Array.from({ length: n }, () => start);
  for (let step = 0; particles.some(({ finish, weight }) => !finish && weight > -Infinity); step++) {
    io.signal.throwIfAborted();
    const last = step + 1 >= io.maxTokens || io.left() < 2;
    const advance = async (one: Weighed, i: number): Promise<Weighed> => {
      if (one.finish || one.weight === -Infinity) return one;
      const next = await write(one, io, request, `token/${step}/${i}`, last);
      const own = Math.log(await phi(next, `potential/${step}/${i}`));
      return { ...next, phi: own, weight: one.weight + own - one.phi };
    };
    particles = renewed(await Promise.all(particles.map(advance)), io, step, resample);
  }
  const logs = particles.map(({ weight }) => weight);
  const weights = relative(logs);
  if (weights.every((weight) => weight === 0))
    throw new NoCandidates({ technique: 'tokenSmc', why: 'every text got the potential 0. Raise `n`' });
  const picked = particles[n > 1 ? io.choice.fork('pick').categorical(weights) : 0] as Weighed;
  const { text, logprob, finish = STOP } = picked;
  const candidate = { content: [{ type: 'text' as const, text }], finish, logprob };
  const normaliser = Math.exp(logMean(logs));
  return { ...candidate, providerMetadata: { plusx: { particles: n, normaliser, share: effective(weights) / n } } };
}

/** One more token. */
async function write(one: Weighed, io: Decoding, request: Request, key: string, last: boolean): Promise<Particle> {
  const { state, text, logprob } = one;
  const next = await state.next();
  const token = io.choice.fork(key).categorical(weightsOf(next));
  const total = logprob + (next[token] as number);
  if (token === state.end) return { state, text, logprob: total, finish: STOP };
  const written = text + state.vocabulary[token];
  const cut = stopSequenceAt(written, request.stopSequences ?? []);
  if (cut !== -1)
    return { state, text: written.slice(0, cut), logprob: total, finish: { unified: 'stop', raw: 'stop-sequence' } };
  const pushed = await state.push(token);
  return {
    state: pushed,
    text: written,
    logprob: total,
    ...(last && { finish: { unified: 'length', raw: 'length' } }),
  };
}

/** The unfinished particles drawn anew by weight, where too few of them count; all get the mean weight then. */
function renewed(particles: readonly Weighed[], io: Decoding, step: number, resample: number): readonly Weighed[] {
  const live = particles.filter(({ finish }) => !finish);
  const logs = live.map(({ weight }) => weight);
  const weights = relative(logs);
  if (effective(weights) >= resample * live.length * (1 - 1e-12)) return particles;
  const mean = logMean(logs);
  const draw = (one: Weighed, i: number): Weighed => {
    if (one.finish) return one;
    return { ...(live[io.choice.fork(`resample/${step}/${i}`).categorical(weights)] as Weighed), weight: mean };
  };
  return mean === -Infinity ? particles : particles.map(draw);
}

/** Relative to the greatest, which is 1; all 0 where none is left. */
function relative(logs: readonly number[]): number[] {
  const top = Math.max(...logs);
  return logs.map((log) => (log === -Infinity ? 0 : Math.exp(log - top)));
}

/** The logarithm of the mean of the weights. */
function logMean(logs: readonly number[]): number {
  const top = Math.max(...logs);
  return top === -Infinity ? top : top + Math.log(relative(logs).reduce((sum, w) => sum + w, 0) / logs.length);
}

/** How many of the weights count: (Σw)² / Σw², 0 where none does. */
function effective(weights: readonly number[]): number {
  const squares = weights.reduce((sum, weight) => sum + weight ** 2, 0);
  return squares === 0 ? 0 : weights.reduce((sum, weight) => sum + weight, 0) ** 2 / squares;
}

const STOP: Candidate['finish'] = { unified: 'stop', raw: 'end' };
const LENGTH: Candidate['finish'] = { unified: 'length', raw: 'length' };
