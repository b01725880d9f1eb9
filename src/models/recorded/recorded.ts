/** Any model, recorded once and played again without it: for tests that need a real model's answers and no network. */
import {
  addUsage,
  gather,
  NO_USAGE,
  splitUsage,
  streamOf,
  type Capabilities,
  type Context,
  type Journal,
  type Model,
  type Request,
  type Sampled,
} from '../../core/index.ts';
import { openCassette, type Recording } from './cassette.ts';
import { drawIds, NotRecorded, replayed } from './replayed.ts';

export interface RecordOptions {
  /** Texts that must not be written down, besides all that looks like a key. Give the same ones for replay. */
  readonly secrets?: readonly string[] | undefined;
}

/**
 * The model itself, which leaves its answers in a cassette (a JSON Lines file) and takes from there what it was asked
 * before at the same place of a run of the same seed. With a journal in place of a file the answers go there.
 * Headers are never written, nor what looks like a key.
 */
export function record(model: Model, to: string | Journal, { secrets = [] }: RecordOptions = {}): Model {
  if (typeof to !== 'string') return pinned(model, to);
  const can: Capabilities = { ...model.can, next: false };
  const cassette = openCassette(to, { secrets, model: { name: model.name, can } });
  const replay = replayed(cassette, model.name, can);

  const draw = async (request: Request, context: Context, prefix?: string): Promise<Sampled> => {
    const { n = 1, from = 0 } = request;
    const ids = drawIds(context, n, from);
    const there = new Set(cassette.of({ request, prefix }).map((recording) => recording.draw));
    const parts = await gather(
      context,
      piecesOf(ids.map((id) => there.has(id))).map(({ start, count, known }) => async (inner: Context) => {
        const piece = { ...request, from: from + start, n: count };
        if (known) return sampleFrom(replay, piece, inner, prefix);
        const sampled = await sampleFrom(model, piece, inner, prefix);
        // What a budget or a failure cut short is not what the model answers.
        if (sampled.samples.length === count && !sampled.exhausted)
          await cassette.add(recordingsOf(request, sampled, ids.slice(start, start + count), prefix));
        return sampled;
      }),
    );
    return {
      samples: parts.flatMap(({ samples }) => samples),
      usage: parts.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
      warnings: parts.flatMap(({ warnings }) => warnings),
      exhausted: parts.find(({ exhausted }) => exhausted)?.exhausted,
    };
  };

  return {
    name: model.name,
    can,
    sample: (request, context) => draw(request, context),
    async *stream(request, context) {
      const ids = drawIds(context, 1, request.from);
      if (cassette.of({ request }).some((recording) => recording.draw === ids[0]))
        return yield* streamOf(replay, request, context);
      for await (const part of streamOf(model, request, context)) {
        if (part.type === 'finish' && !part.sampled.exhausted)
          await cassette.add(recordingsOf(request, part.sampled, ids));
        yield part;
      }
    },
    ...(can.continueFrom && { continueFrom: (request, prefix, context) => draw(request, context, prefix) }),
    ...(can.score && {
      async score(request, text, context) {
        if (cassette.of({ request, scored: text }).length > 0) return required(replay.score)(request, text, context);
        const { logprob, tokens, usage } = await required(model.score)(request, text, context);
        const candidate = { content: [], finish: { unified: 'other', raw: 'score' }, logprob, tokens } as const;
        await cassette.add([{ request, scored: text, candidate, usage }]);
        return { logprob, tokens, usage };
      },
    }),
  };
}

/**
 * Plays a cassette. A draw at an address that was recorded, in a run of the same seed, gets what was recorded there.
 * Any other draw gets one of the recorded answers to its request, in an order that its seed and place decide; the `n`
 * draws of one call get `n` different recordings, and where there are fewer it is an error. No call is made.
 */
export function recorded(file: string, { secrets = [] }: RecordOptions = {}): Model {
  const cassette = openCassette(file, { secrets });
  if (!cassette.head)
    throw new NotRecorded({
      file,
      problem: 'there is no such cassette',
      hint: `Make it: run once with record(model, ${JSON.stringify(file)})`,
    });
  return replayed(cassette, `recorded:${file}`, { ...cassette.head.can, next: false, concurrency: Infinity });
}

/** The model whose calls a journal answers first, whatever journal the run has. */
function pinned(model: Model, journal: Journal): Model {
  const at = (context: Context): Context => ({ ...context, journal });
  return {
    name: model.name,
    can: { ...model.can, next: false },
    sample: (request, context) => model.sample(request, at(context)),
    stream: (request, context) => streamOf(model, request, at(context)),
    ...(model.continueFrom && {
      continueFrom: (request, prefix, context) => required(model.continueFrom)(request, prefix, at(context)),
    }),
    ...(model.score && { score: (request, text, context) => required(model.score)(request, text, at(context)) }),
  };
}

/** Neighbours that are all known, or all not: each piece is one call. */
function piecesOf(known: readonly boolean[]): { start: number; count: number; readonly known: boolean }[] {
  const pieces: { start: number; count: number; readonly known: boolean }[] = [];
  known.forEach((is, i) => {
    const last = pieces.at(-1);
    if (last?.known === is) last.count++;
    else pieces.push({ start: i, count: 1, known: is });
  });
  return pieces;
}

function sampleFrom(model: Model, request: Request, context: Context, prefix: string | undefined): Promise<Sampled> {
  return prefix === undefined ? model.sample(request, context) : required(model.continueFrom)(request, prefix, context);
}

function recordingsOf(
  request: Request,
  { samples, usage }: Sampled,
  draws: readonly string[],
  prefix?: string,
): Recording[] {
  const shares = splitUsage(usage, samples.length);
  return samples.map(({ usage: own, ...candidate }, i) => ({
    request,
    draw: draws[i],
    prefix,
    candidate,
    usage: { ...(own ?? (shares[i] as typeof usage)), replays: 0 },
  }));
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('record: the model claims what it does not do');
  return value;
}
