/** Plays what a cassette holds, as a model; and says what is missing where it holds nothing. */
import {
  canonicalJson,
  drawAt,
  drawsOf,
  fromBackend,
  PlusxError,
  questionOf,
  streamOf,
  textOf,
  type Backend,
  type Capabilities,
  type Context,
  type Model,
  type Price,
  type Request,
} from '../../core/index.ts';
import type { Asked, Cassette, Recording } from './cassette.ts';
import { spoken } from '../../core/stream.ts';

/** A cassette has no answer to a request. */
export class NotRecorded extends PlusxError {
  override readonly kind = 'usage';
  readonly file: string;
  constructor({ file, problem, hint }: { file: string; problem: string; hint: string }) {
    super(`${file}: ${problem}. ${hint}`);
    this.file = file;
  }
}

/** The model whose answers lie in the cassette. */
export function replayed(cassette: Cassette, name: string, can: Capabilities): Model {
  const at = (context: Context, request: Request, prefix?: string): Model =>
    fromBackend(player(cassette, { name, can }, context, { request, prefix }));
  return {
    name,
    can,
    sample: (request, context) => at(context, request).sample(request, context),
    stream: (request, context) => streamOf(at(context, { ...request, n: 1 }), request, context),
    ...(can.continueFrom && {
      continueFrom: (request, prefix, context) =>
        (at(context, request, prefix).continueFrom as NonNullable<Model['continueFrom']>)(request, prefix, context),
    }),
    ...(can.score && {
      score: (request, text, context) =>
        (at(context, request).score as NonNullable<Model['score']>)(request, text, context),
    }),
  };
}

/** Names of the draws of one call: the run's seed and the place in it. */
export function drawIds(context: Context, n = 1, from = 0): string[] {
  return Array.from({ length: n }, (_, i) => drawAt(context, from + i).choice.id);
}

/** The back end of one call to the model: it knows all draws of the call, and gives each a recording of its own. */
function player(
  cassette: Cassette,
  { name, can }: Pick<Model, 'name' | 'can'>,
  context: Context,
  asked: Asked,
): Backend {
  const recordings = cassette.of(asked);
  const given = assign(recordings, context, asked.request);
  const find = (id = ''): Recording => {
    const found = given.get(id);
    if (!found) throw notRecorded(cassette, asked, recordings.length);
    return found;
  };
  return {
    name,
    can,
    semantics: { kind: 'exact', target: 'P', why: 'drawn when it was recorded' },
    price: priceOf(recordings),
    bound: () => ({
      inputTokens: Math.max(0, ...recordings.map(({ usage }) => usage.inputTokens ?? 0)),
      outputTokens: largest(recordings.map(({ usage }) => usage.outputTokens)),
    }),
    async call(_, { choices }) {
      const { candidate, usage } = find(choices[0]?.id);
      return { candidates: [candidate], usage };
    },
    async *stream(_, { choices }) {
      const { candidate, usage } = find(choices[0]?.id);
      yield* spoken(candidate.content);
      yield { type: 'reply', candidate, usage };
    },
    async score(request, scored) {
      const [recording] = cassette.of({ request, scored });
      if (!recording) throw notRecorded(cassette, { request, scored }, 0);
      const { candidate, usage } = recording;
      return { logprob: candidate.logprob ?? Number.NaN, tokens: candidate.tokens, usage };
    },
  };
}

/** Which recording each draw gets: its own, or one of the others in an order that the place of the call decides. */
function assign(
  recordings: readonly Recording[],
  context: Context,
  { n, from = 0 }: Request,
): ReadonlyMap<string, Recording> {
  const own = new Map(recordings.map((recording) => [recording.draw, recording]));
  const ids = drawIds(context, n, from);
  const rest = recordings.filter(({ draw }) => draw === undefined || !ids.includes(draw));
  const choice = drawsOf(context).fork('recorded');
  const shuffled: Recording[] = [];
  while (rest.length > 0) shuffled.push(...rest.splice(choice.categorical(rest.map(() => 1)), 1));
  const others = ids.filter((id) => !own.has(id));
  return new Map(
    ids.flatMap((id) => {
      const recording = own.get(id) ?? shuffled[from + others.indexOf(id)];
      return recording ? [[id, recording] as const] : [];
    }),
  );
}

/** A price at which no recording costs more than a budget reserves for it; none where a cost is not known. */
function priceOf(recordings: readonly Recording[]): Price | undefined {
  const each = largest(
    recordings.map(({ usage: { inputTokens, outputTokens, usd } }) =>
      usd === 0
        ? 0
        : usd === undefined || !inputTokens || !outputTokens
          ? undefined
          : usd / (inputTokens + outputTokens),
    ),
  );
  return each === undefined ? undefined : { input: each, output: each };
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce<number | undefined>(
    (top, value) => (top === undefined || value === undefined ? undefined : Math.max(top, value)),
    0,
  );
}

function notRecorded(cassette: Cassette, asked: Asked, there: number): NotRecorded {
  const { file } = cassette;
  const what = `${asked.scored === undefined ? '' : `the score of ${brief(asked.scored)} for `}${brief(questionOf(asked.request.prompt))}`;
  const hint = `Record it: run once with record(model, ${JSON.stringify(file)}) in place of recorded(...)`;
  if (there > 0)
    return new NotRecorded({
      file,
      problem: `${there} answers to ${what} are recorded, and more different ones are asked for`,
      hint,
    });
  const closest = nearestTo(asked.request, cassette.requests());
  const near = closest
    ? `the nearest recorded request is ${brief(questionOf(closest.prompt))}${differences(closest, asked.request)}`
    : 'nothing is recorded yet';
  return new NotRecorded({ file, problem: `no answer to ${what} is recorded; ${near}`, hint });
}

/** The request that shares most words with this one. */
function nearestTo(asked: Request, requests: readonly Request[]): Request | undefined {
  const words = wordsOf(asked);
  let best: { readonly request: Request; readonly likeness: number } | undefined;
  for (const request of requests) {
    const others = wordsOf(request);
    const shared = [...words].filter((word) => others.has(word)).length;
    const likeness = shared / (words.size + others.size - shared || 1);
    if (!best || likeness > best.likeness) best = { request, likeness };
  }
  return best?.request;
}

const wordsOf = (request: Request): Set<string> => new Set(canonicalJson(request.prompt).match(/\w+/g));

/** What is not the same besides the question. */
function differences(recorded: Request, asked: Request): string {
  const { n: _n, from: _from, headers: _headers, ...wanted } = asked;
  const [a, b] = [recorded, wanted].map((of) => of as { readonly [field: string]: unknown }) as [
    { readonly [field: string]: unknown },
    { readonly [field: string]: unknown },
  ];
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (field) => canonicalJson(a[field]) !== canonicalJson(b[field]),
  );
  const notes = fields.flatMap((field) => {
    if (field !== 'prompt') return [`${field} ${brief(a[field])} there, ${brief(b[field])} here`];
    if (questionOf(recorded.prompt) !== questionOf(asked.prompt)) return [];
    return [`the messages before it differ: ${firstDifference(recorded, asked)}`];
  });
  return notes.length > 0 ? ` (${notes.join('; ')})` : '';
}

function firstDifference({ prompt: a }: Request, { prompt: b }: Request): string {
  const i = a.findIndex((message, at) => canonicalJson(message) !== canonicalJson(b[at]));
  const shown = (of: Request['prompt']): string =>
    of[i] ? `${of[i].role} ${brief(textOf(of[i].content))}` : 'nothing';
  return i === -1 ? `${a.length} messages there, ${b.length} here` : `${shown(a)} there, ${shown(b)} here`;
}

function brief(value: unknown): string {
  const text = value === undefined ? 'none' : canonicalJson(value);
  return text.length > 80 ? `${text.slice(0, 77)}..."` : text;
}
