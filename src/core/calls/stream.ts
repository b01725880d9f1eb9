/** Streaming: parts of a back end as they are written, and parts made of a finished sample where nothing streams. */
import { admit, cap, place, record, replay, toSample, unlessAborted, type Backend } from './bookkeeping.ts';
import { fork, type Context } from '../context/context.ts';
import { MalformedReply } from '../errors.ts';
import type { Candidate } from './journal.ts';
import { createLedger } from '../accounts/ledger.ts';
import type { Content } from '../message.ts';
import type { Model, Request, Sample, Sampled, StreamPart } from '../model.ts';
import { UNREPORTED_CALL, type Usage } from '../accounts/usage.ts';

/** The stream of any model: its own, or its sample in parts. */
export async function* streamOf(model: Model, request: Request, context: Context): AsyncGenerator<StreamPart> {
  if (model.stream) yield* model.stream(request, context);
  else {
    const sampled = await model.sample({ ...request, n: 1 }, context);
    yield* partsOf((sampled.samples[0] as Sample).content);
    yield { type: 'finish', sampled };
  }
}

/** Content as stream parts; the tokens of a sample that is one text go with it. */
export function* partsOf(
  content: readonly Content[],
  tokens?: Sample['tokens'],
): Generator<Exclude<StreamPart, { type: 'finish' }>> {
  const written = content.length === 1 && tokens ? { tokens } : {};
  let count = 0;
  for (const part of content) {
    const id = `part-${count++}`;
    if (part.type === 'text' || part.type === 'reasoning') {
      const { type, text, ...rest } = part;
      yield { type: `${type}-start`, id };
      yield { type: `${type}-delta`, id, delta: text, ...written };
      yield { ...rest, type: `${type}-end`, id };
    } else yield part;
  }
}

/** Streams one candidate of a back end. Whoever stops reading stops the call. */
export async function* streamBackend(backend: Backend, request: Request, outer: Context): AsyncGenerator<StreamPart> {
  const ledger = createLedger(outer.ledger);
  const context = fork({ ...outer, ledger }, `draw/${request.from ?? 0}`);
  const done = (sample: Sample): StreamPart => {
    const sampled: Sampled = {
      samples: [sample],
      usage: ledger.usage,
      warnings: ledger.warnings,
      exhausted: ledger.exhausted,
    };
    return { type: 'finish', sampled };
  };
  const at = place(backend, request, context);
  const entry = at.key === undefined ? undefined : await context.journal?.get(at.key);
  if (entry) {
    const sample = await replay(backend, request, at, entry);
    yield* partsOf(sample.content, sample.tokens);
    yield done(sample);
    return;
  }
  if (!backend.stream) throw new TypeError(`${backend.name}: no stream`);
  const admitted = await admit(context, { calls: 1, ...backend.bound(request), price: backend.price });
  const reservation = unlessAborted(admitted, context.signal);
  const start = context.clock.now();
  const stopper = new AbortController();
  const follow = (): void => stopper.abort(context.signal.reason);
  context.signal.addEventListener('abort', follow, { once: true });
  let usage: Usage = UNREPORTED_CALL;
  let candidate: Candidate | undefined;
  try {
    const io = { choices: [context.choice], signal: stopper.signal, context };
    for await (const part of backend.stream({ ...cap(request, reservation.maxOutputTokens), n: 1 }, io)) {
      if (part.type === 'reply') {
        candidate = part.candidate;
        usage = { ...part.usage, calls: 1, replays: 0, unreported: 0 };
        for (const warning of part.warnings ?? []) ledger.warn(warning);
      } else yield part;
    }
  } finally {
    context.signal.removeEventListener('abort', follow);
    if (!candidate) stopper.abort(new DOMException('The stream was closed.', 'AbortError'));
    reservation.settle(usage);
    record(backend, context, usage, candidate, start, candidate ? 'ok' : 'cancelled');
  }
  if (!candidate) throw new MalformedReply({ url: backend.name, why: 'the stream ended without a reply', body: '' });
  if (at.key !== undefined) await context.journal?.put(at.key, { candidate, usage });
  yield done(toSample(backend, candidate, usage));
}
