import {
  stopSequenceAt,
  decoding,
  InvalidOption,
  option,
  printCall,
  technique,
  type Candidate,
  type Decoding,
  type Process,
  type Request,
} from '../../core/index.ts';
import { weightsOf } from '../../core/tokens/weights.ts';

const options = {
  draft: option.model({ doc: 'a cheaper model with the same vocabulary' }),
  ahead: option.integer({ doc: 'tokens drafted before the base checks them', min: 1, default: 4 }),
};

/**
 * Lets a cheaper model write a few tokens ahead, which the base then reads side by side, and keeps as many as it may:
 *
 *     keep v with min(1, p(v)/q(v)), else draw from max(0, p − q) / Z
 *
 * so that every token is the base's: P'(y) = P(y), whatever the draft. Where all are kept the base adds one more, of the state
 * behind them. Fewer rounds of the base where the draft is good.
 *
 * Cost: 1 call; the tokens of both models, those thrown away included. Error: InvalidOption where the draft has other
 * tokens. Source: Leviathan et al., "Fast inference from transformers via speculative decoding", 2023.
 */
export const speculative = technique({
  name: 'speculative',
  room: 'decode',
  summary: 'let a cheaper model write ahead, and keep what the base would write',
  paper: 'Leviathan et al., 2023',
  options,
  calls: '1',
  rounds: '1',
  needs: () => ['next'],
  check: ({ draft }) =>
    draft.can.next ? undefined : { option: 'draft', rule: 'must be a model that can be opened token by token' },
  semantics: () => ({ kind: 'exact', target: 'P', why: 'rejection corrected by the difference of base and draft' }),
  can: ([{ can }]) => ({ logprobs: true, continueFrom: false, score: false, next: true, concurrency: can.concurrency }),
  run: (base, request, context, given) => {
    const { draft, ahead } = given;
    const open = [
      { model: base, request },
      { model: draft, request },
    ] as const;
    const identity = `${base.name} + ${printCall('speculative', options, given)}`;
    const work = (io: Decoding): Promise<Candidate> => write(io, request, ahead);
    return decoding({ open, identity, texts: ahead + 2, work }, request, context);
  },
  open: (base, request, context) =>
    base.open ? base.open(request, context) : Promise.reject(new TypeError(`${base.name}: no next-token process`)),
  reads: (base, request) => [{ model: base, request }],
});

async function write(io: Decoding, { stopSequences = [] }: Request, ahead: number): Promise<Candidate> {
  let [base, draft] = io.processes as readonly [Process, Process];
  const { vocabulary, end } = base;
  if (end !== draft.end || vocabulary.some((token, i) => token !== draft.vocabulary[i]))
    throw new InvalidOption({
      where: 'speculative',
      option: 'draft',
      rule: 'must be a model with the vocabulary of the base',
    });
  // Behind the end, and behind a control token, which the base never writes, there is nothing to draft.
  const goesOn = (last: Drafted | undefined): boolean => !last || vocabulary[last.token] !== '';
  const ids: number[] = [];
  let logprob = 0;
  /** Writes one more token; the candidate where it is the last. */
  const add = (token: number, p: readonly number[]): Candidate | undefined => {
    logprob += Math.log(p[token] as number);
    if (token === end) return done(ids, vocabulary, logprob, 'end');
    ids.push(token);
    const cut = stopSequenceAt(textOf(ids, vocabulary), stopSequences);
    if (cut !== -1) return done(ids, vocabulary, logprob, 'stop-sequence', cut);
    return ids.length >= io.maxTokens ? done(ids, vocabulary, logprob, 'length') : undefined;
  };
  for (let round = 0; ; round++) {
    if (io.left() < 1) return done(ids, vocabulary, logprob, 'length');
    io.signal.throwIfAborted();
    const choice = io.choice.fork(`round/${round}`);
    const drafted: Drafted[] = [];
    const states = [base];
    for (let i = 0; i < ahead && goesOn(drafted.at(-1)); i++) {
      const q = share(await draft.next());
      const token = choice.fork(`draft/${i}`).categorical(q);
      drafted.push({ token, q, draft });
      if (goesOn(drafted[i])) [draft, states[i + 1]] = await both(draft, states[i] as Process, token);
    }
    const read = await Promise.all(states.map(async (state) => share(await state.next())));
    let turned = false;
    for (const [i, { token: proposed, q, draft: at }] of drafted.entries()) {
      const p = read[i] as readonly number[];
      const keep = Math.min(1, (p[proposed] as number) / (q[proposed] as number));
      const kept = choice.fork(`keep/${i}`).categorical([1 - keep, keep]) === 1;
      const rest = p.map((x, v) => Math.max(0, x - (q[v] as number)));
      const token = kept ? proposed : choice.fork(`again/${i}`).categorical(rest);
      const last = add(token, p);
      if (last) return last;
      if (kept) continue;
      [draft, base] = await both(at, states[i] as Process, token);
      turned = true; // what was written ahead of this token is not what comes after it
      break;
    }
    if (turned) continue;
    // All of them are kept, and the base has been asked what comes behind them as well.
    const p = read[drafted.length] as readonly number[];
    const token = choice.fork('more').categorical(p);
    const last = add(token, p);
    if (last) return last;
    [draft, base] = await both(draft, states[drafted.length] as Process, token);
  }
}

interface Drafted {
  readonly token: number;
  readonly q: readonly number[];
  /** The draft before this token. */
  readonly draft: Process;
}

const both = (a: Process, b: Process, token: number): Promise<[Process, Process]> =>
  Promise.all([a.push(token), b.push(token)]);

function share(logprobs: Float64Array): number[] {
  const weights = weightsOf(logprobs);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const textOf = (ids: readonly number[], vocabulary: readonly string[]): string =>
  ids.map((id) => vocabulary[id]).join('');

function done(
  ids: readonly number[],
  vocabulary: readonly string[],
  logprob: number,
  raw: 'end' | 'stop-sequence' | 'length',
  cut?: number,
): Candidate {
  const content = [{ type: 'text' as const, text: textOf(ids, vocabulary).slice(0, cut) }];
  return { content, finish: { unified: raw === 'length' ? raw : 'stop', raw }, logprob };
}
