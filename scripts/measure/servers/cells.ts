/**
 * What is done with every server, through the public interface, and how it is told whether it came out right. A cell checks what
 * plusx says of a reply against the reply itself, as it went over the wire, and against a tokenizer.
 */
import {
  ask,
  CapabilityMissing,
  InvalidOption,
  MalformedReply,
  plus,
  PlusxError,
  stream,
  textOf,
  totalTokens,
  UpstreamError,
  user,
  type ContextOptions,
  type Model,
  type Request,
  type Sample,
  type Sampled,
  type Tool,
  type Warning,
  rootScope,
} from '../../../src/core/index.ts';
import { curve, evaluate } from '../../../src/evaluate/index.ts';
import { beamSearch, openaiEmbedder, particleFilter, selfConsistency } from '../../../src/index.ts';
import { probe } from '../../../src/models/index.ts';
import { loadTask, type Task } from '../../../src/tasks/index.ts';
import type { Subject } from './subject.ts';
import { writtenIn, type Exchange } from './watch.ts';

/** `missed`: the server can do it, and plusx says it cannot. */
export interface Outcome {
  readonly kind: 'works' | 'refused' | 'missed' | 'wrong';
  readonly told: string;
}

export interface Cell {
  readonly name: string;
  /** Says what was checked. Throws `Wrong` where plusx and the wire differ; an error of plusx is a refusal. */
  run(subject: Subject, signal: AbortSignal): Promise<string>;
  /** Asks the server itself whether it can do what plusx refused. */
  able?(subject: Subject): Promise<boolean>;
}

/** What plusx said is not what was on the wire. */
class Wrong extends Error {}

const CELL_MS = 600_000;

/** One cell on one server. It comes to an end, and the exchanges are kept under its name. */
export async function measure(cell: Cell, subject: Subject): Promise<Outcome> {
  const start = subject.watch.mark();
  const signal = AbortSignal.timeout(CELL_MS);
  try {
    return { kind: 'works', told: await cell.run(subject, signal) };
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', told: error.message };
    if (signal.aborted) return { kind: 'wrong', told: `not done in ${CELL_MS / 1000} s` };
    if (!(error instanceof PlusxError)) return { kind: 'wrong', told: `an error of no class: ${String(error)}` };
    const { message } = error;
    if (message.includes('\n') || message.includes('[object') || /undefined|NaN/.test(message))
      return { kind: 'wrong', told: `refused, but not in a clear line: ${message}` };
    const tries = await triesOf(subject, start);
    if (error instanceof UpstreamError && tries > 1)
      return { kind: 'wrong', told: `asked ${tries} times for what is refused for good: ${message}` };
    const able = await cell.able?.(subject).catch(() => false);
    return { kind: able ? 'missed' : 'refused', told: message };
  } finally {
    subject.watch.keep(cell.name, await subject.watch.since(start));
  }
}

/** How often the last request was sent that a server refused, in the same words each time. */
async function triesOf(subject: Subject, start: number): Promise<number> {
  const exchanges = await subject.watch.since(start);
  const last = exchanges.at(-1);
  const same = exchanges.filter(({ request, reply }) => request === last?.request && reply === last.reply);
  return same.length;
}

const QUESTION =
  'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?\nSolve it step by step.';
const request = (more: Partial<Request> = {}): Request => ({
  prompt: [user(QUESTION)],
  maxOutputTokens: 48,
  temperature: 1,
  ...more,
});
const GREEDY = request({ temperature: 0 });
const short = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
const check = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Wrong(otherwise);
};
const spelt = (sample: Sample): string => (sample.tokens ?? []).map(({ token }) => token).join('');
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const textsOf = ({ samples }: Sampled): string[] => samples.map(({ content }) => textOf(content));
const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

async function inScope<T>(
  options: ContextOptions,
  work: (context: ReturnType<typeof rootScope>['context']) => Promise<T>,
): Promise<T> {
  const { context, close } = rootScope(options);
  try {
    return await work(context);
  } finally {
    close();
  }
}

interface Audit {
  readonly told: string;
  readonly exchanges: readonly Exchange[];
  readonly counted: number | undefined;
}

/** Drawn tokens may be another spelling of a text than its own: so far apart the two counts may be. */
const SPELLING = 0.02;

/** Compares the tokens that were booked with those of the texts on the wire. */
async function audit(subject: Subject, mark: number, booked: number | undefined, exact = true): Promise<Audit> {
  const exchanges = await subject.watch.since(mark);
  const texts = exchanges.flatMap(writtenIn);
  if (!subject.count)
    return { told: `${booked ?? 'unknown'} tokens booked, no tokenizer to count by`, exchanges, counted: undefined };
  const counts = await Promise.all(texts.map(async ({ text }) => (text === '' ? 0 : await subject.count?.(text)) ?? 0));
  const ended = texts.filter(({ finish }) => finish !== 'length').length;
  const counted = sum(counts) + subject.ends * ended;
  const off = exact ? 0 : Math.max(2, SPELLING * counted);
  if (booked === undefined) return { told: `tokens unknown (${counted} written)`, exchanges, counted };
  check(
    Math.abs(booked - counted) <= off,
    `${booked} tokens booked, ${counted} written in ${plural(texts.length, 'text')}`,
  );
  return {
    told: booked === counted ? `${booked} tokens booked = written` : `${booked} tokens booked, ${counted} by spelling`,
    exchanges,
    counted,
  };
}

/** The first half of a text, to the end of a word: inside of one its tokens would be others. */
function halfOf(text: string): string {
  const words = text.match(/\s*\S+/g) ?? [];
  return words.slice(0, Math.ceil(words.length / 2)).join('');
}

/** Whether the server gives log-probabilities when they are asked for in the way that all servers know. */
async function givesLogprobs({ options }: Subject): Promise<boolean> {
  const { api = 'chat' } = options;
  const reply = await post(
    options,
    api === 'chat'
      ? { messages: [{ role: 'user', content: 'Hi' }], logprobs: true, top_logprobs: 1, max_tokens: 4 }
      : { prompt: 'Hi', logprobs: 1, max_tokens: 4 },
  );
  const logprobs = reply.choices?.[0]?.logprobs;
  return (logprobs?.content?.length ?? logprobs?.tokens?.length ?? 0) > 0;
}

/** Whether a chat goes on from the beginning of an answer, repeated in the reply or not, by any way there is to ask for it. */
async function continues({ options }: Subject): Promise<boolean> {
  if (options.api === 'completions') return true;
  const messages = [{ role: 'user', content: QUESTION }];
  const whole =
    (await post(options, { messages, temperature: 0, max_tokens: 24 })).choices?.[0]?.message?.content ?? '';
  const half = halfOf(whole);
  const begun = { messages: [...messages, { role: 'assistant', content: half }], temperature: 0, max_tokens: 24 };
  const asked = [begun, { ...begun, add_generation_prompt: false, continue_final_message: true }];
  for (const body of asked) {
    const more = await post(options, body).catch(() => undefined);
    const text = more?.choices?.[0]?.message?.content ?? '';
    if (text !== '' && (text.startsWith(whole.trimEnd()) || (half + text).startsWith(whole.trimEnd()))) return true;
  }
  return false;
}

interface RawReply {
  readonly choices?: readonly {
    readonly text?: string;
    readonly message?: { readonly content?: string | null };
    readonly logprobs?: { readonly content?: readonly object[]; readonly tokens?: readonly string[] } | null;
  }[];
}

/** What a server answers to a request that plusx had no hand in. */
async function post({ baseURL, model, apiKey, api = 'chat' }: Subject['options'], body: object): Promise<RawReply> {
  const response = await fetch(`${baseURL}/${api === 'chat' ? 'chat/completions' : 'completions'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body: JSON.stringify({ model, ...body }),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return (await response.json()) as RawReply;
}

/** A capability that a model does not claim is refused in the words a technique has for it. */
function needs(subject: Subject, what: 'logprobs' | 'score' | 'continueFrom'): void {
  if (!subject.model.can[what])
    throw new CapabilityMissing({ technique: 'the call', model: subject.model.name, needs: what });
}

const ADD: Tool = {
  type: 'function',
  name: 'add',
  description: 'Adds two numbers.',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
};
const SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'integer' } },
  required: ['answer'],
  additionalProperties: false,
};
/** What the run warns of, as a refusal. */
const notTaken = ({ model }: Subject, option: string, rule: string): InvalidOption =>
  new InvalidOption({ where: model.name, option, rule });

/** Whether a run says that its draws are copies of one. */
const saysCopies = (warnings: readonly Warning[]): boolean => warnings.some(({ code }) => code === 'draws-identical');

/** Anything that tells beginnings apart will do: the shorter, the better. */
const brevity = ({ content }: Sample): number => -textOf(content).length / 20;

const EMOJI: readonly (readonly [prompt: string, text: string])[] = [
  ['Question: 2+2?', 'yes 😀'],
  ['😀', '2+2'],
  ['😀 Question:', ' no'],
  ['Question', '2+2'],
];

export const CELLS: readonly Cell[] = [
  {
    name: 'probe',
    async run(subject) {
      const { found, warnings } = subject.probed;
      const can = subject.model.can.continueFrom;
      const claims = [
        found.n ? 'n' : 'no n',
        found.logprobs ? 'log-probabilities' : 'no log-probabilities',
        found.score ? `score by ${found.score}` : 'no score',
        can ? 'continues' : 'does not continue',
      ];
      const told = [claims.join(', '), ...warnings.map(({ code }) => code)].join('; ');
      const missed = [
        ...(!found.logprobs && (await givesLogprobs(subject)) ? ['log-probabilities'] : []),
        ...(!can && (await continues(subject)) ? ['continuing'] : []),
      ];
      check(missed.length === 0, `missed: ${missed.join(', ')} (${told})`);
      return told;
    },
  },
  {
    name: 'ask',
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const { text, usage } = await ask(subject.model, { ...GREEDY, maxOutputTokens: 120 }, { signal });
      check(text.trim() !== '', 'an empty text');
      const [exchange] = await subject.watch.since(mark);
      if (exchange && subject.count && usage.outputTokens !== undefined) {
        const [one] = writtenIn(exchange);
        const plain = await subject.count(one?.text ?? '');
        // Some count the token that ends a text, some do not; none counts it at a limit.
        if (one?.finish !== 'length') subject.ends = usage.outputTokens - plain === 0 ? 0 : 1;
      }
      const { told } = await audit(subject, mark, usage.outputTokens);
      return `${told}${subject.ends === 1 ? ', the end counted' : ''}; ${usage.inputTokens ?? 'unknown'} read`;
    },
  },
  {
    name: 'stream',
    async run(subject, signal) {
      const asked = request({ maxOutputTokens: 24 });
      const whole = await ask(subject.model, asked, { signal, seed: 5 });
      const mark = subject.watch.mark();
      let deltas = '';
      let pieces = 0;
      let sampled: Sampled | undefined;
      for await (const part of stream(subject.model, asked, { signal, seed: 5 })) {
        if (part.type === 'text-delta') [deltas, pieces] = [deltas + part.delta, pieces + 1];
        if (part.type === 'finish') ({ sampled } = part);
      }
      check(sampled !== undefined, 'no finish part');
      const text = textsOf(sampled as Sampled)[0] ?? '';
      check(text === deltas, `pieces ${short(deltas)} and text ${short(text)}`);
      check(text === whole.text, `streamed ${short(text)}, whole ${short(whole.text)} with one seed`);
      const { told } = await audit(subject, mark, sampled?.usage.outputTokens, false);
      return `${plural(pieces, 'piece')}, the text of the whole answer; ${told}`;
    },
  },
  ...(
    [
      ['n', 4],
      ['n above what a server takes', 9],
    ] as const
  ).map(([name, n]): Cell => ({
    name,
    async run(subject, signal) {
      // A model that gives n up gives it up for good, so this one is used for nothing else.
      const { model } = await probe(subject.plain, { signal });
      const mark = subject.watch.mark();
      const { samples, usage, warnings } = await ask(model, request({ n, maxOutputTokens: 8, temperature: 1.5 }), {
        signal,
      });
      check(samples.length === n, `${samples.length} of ${n} candidates`);
      const { outputTokens: out, inputTokens: read } = usage;
      const cut = samples.every(({ finish }) => finish.unified === 'length');
      if (cut && out !== undefined) check(out === 8 * n, `${out} tokens booked for ${n} candidates of 8 tokens`);
      const { exchanges } = await audit(subject, mark, out, false);
      const refused = exchanges.filter(({ status }) => status !== 200);
      const different = new Set(samples.map(({ content }) => textOf(content))).size;
      const told = `${n} in ${plural(exchanges.length, 'request')}, ${different} different, ${out ?? 'unknown'} written, ${read ?? 'unknown'} read`;
      check(different > 1 || saysCopies(warnings), `${told}: one text at temperature 1.5, and no word of it`);
      const ignored = warnings.find(({ code }) => code === 'n-ignored');
      if (refused.length > 0 && ignored)
        throw new Wrong(`the server refused ${n} and says why, plusx says: ${ignored.message} (${told})`);
      return [told, ...warnings.map(({ code }) => code)].join(', ');
    },
  })),
  {
    name: 'log-probabilities',
    able: givesLogprobs,
    async run(subject, signal) {
      needs(subject, 'logprobs');
      const asked = request({ logprobs: 2 });
      const { sample, text } = await ask(subject.model, asked, { signal, seed: 3 });
      check(sample.tokens !== undefined, 'claimed, and none came');
      check(spelt(sample).startsWith(text), `the tokens spell ${short(spelt(sample))}, the text is ${short(text)}`);
      const own = sum((sample.tokens ?? []).map(({ logprob }) => logprob));
      if (sample.logprob !== undefined)
        check(Math.abs(own - sample.logprob) < 1e-6, `the text has ${sample.logprob}, its tokens ${own}`);
      const streamed = await last(subject.model, asked, { signal, seed: 3 });
      const [a, b] = [sample.logprob, streamed.logprob];
      if (textOf(streamed.content) === text && a !== undefined && b !== undefined)
        check(Math.abs(a - b) < 1e-3, `whole ${a.toFixed(4)}, streamed ${b.toFixed(4)}, of one text`);
      return `the tokens spell the text; ${a === undefined ? 'no sum of its own' : 'their sum is its own'}; ${b === undefined ? 'streamed: unknown' : 'streamed the same'}`;
    },
  },
  {
    name: 'log-probabilities with a stop sequence',
    able: givesLogprobs,
    async run(subject, signal) {
      needs(subject, 'logprobs');
      let met = 0;
      let unknown = 0;
      for (const streams of [false, true])
        for (const seed of [1, 2, 3]) {
          const asked = request({ logprobs: true, stopSequences: ['swer'] });
          const sample = streams
            ? await last(subject.model, asked, { signal, seed })
            : (await ask(subject.model, asked, { signal, seed })).sample;
          const text = textOf(sample.content);
          if (sample.finish.unified === 'stop') met++;
          if (sample.logprob === undefined) unknown++;
          else {
            // Behind the text only the token that ends it may stand.
            const more = spelt(sample).slice(text.length);
            const fits = spelt(sample).startsWith(text) && (more === '' || /^<[^>]*>$/.test(more));
            check(
              fits,
              `${streams ? 'streamed: ' : ''}${sample.logprob.toFixed(3)} is claimed for ${short(text.slice(-20))}, the tokens spell ${short(spelt(sample).slice(-28))}`,
            );
          }
        }
      return `${met} of 6 ended by it; ${unknown === 0 ? 'all' : 6 - unknown} with a log-probability, whose tokens spell the text`;
    },
  },
  {
    name: 'what is claimed is what is drawn',
    async run(subject, signal) {
      const told: string[] = [];
      const wrong: string[] = [];
      const draws = drawsOf(subject);
      const bare = await bareOf(subject, signal);
      for (const [name, model, more] of [
        ['as named', subject.model, {}],
        ['address alone', bare, {}],
        ['address alone at temperature 1', bare, { temperature: 1 }],
      ] as const) {
        const asked: Request = { prompt: [user('Say hello.')], maxOutputTokens: 1, logprobs: true, ...more };
        const draw = async (_: unknown, i: number) => ask(model, asked, { signal, seed: `draw/${i}` });
        const first = await Promise.all(Array.from({ length: 3 }, draw));
        if (first.every(({ sample }) => sample.logprob === undefined)) {
          told.push(`${name}: none claimed`);
          continue;
        }
        const all = await Promise.all(Array.from({ length: draws }, draw));
        const claims = new Map(all.map(({ text, sample }) => [text, sample.logprob]));
        const p = (text: string): number => Math.exp(claims.get(text) ?? Number.NaN);
        const times = (text: string): number => all.filter((one) => one.text === text).length;
        let off: string | undefined;
        for (const text of claims.keys()) {
          const expected = draws * p(text);
          const z = (times(text) - expected) / Math.sqrt(Math.max(1, expected * (1 - p(text))));
          if (Math.abs(z) >= 5)
            off ??= `${short(text)} was drawn ${times(text)} of ${draws} times, ${expected.toFixed(0)} are claimed`;
        }
        // What was not met in the first half must come in the second as often as it is claimed to: a cut takes it away.
        const half = Math.floor(draws / 2);
        const met = new Set(all.slice(0, half).map(({ text }) => text));
        const others = all.slice(half).filter(({ text }) => !met.has(text)).length;
        const expected = (draws - half) * (1 - sum([...met].map(p)));
        if (others < expected - 3 * Math.sqrt(expected))
          off ??= `${others} of ${draws - half} draws were none of the ${met.size} before, ${expected.toFixed(0)} are claimed`;
        if (off !== undefined) wrong.push(`${name}: ${off}`);
        else told.push(`${name}: ${claims.size} first tokens as often as claimed in ${draws} draws`);
      }
      check(wrong.length === 0, [...wrong, ...told].join('; '));
      return told.join('; ');
    },
  },
  {
    name: 'score, also with emoji',
    async run(subject, signal) {
      needs(subject, 'score');
      const told: string[] = [];
      for (const [prompt, text] of EMOJI) {
        const asked: Request = { prompt: [user(prompt)] };
        const [a, b] = await Promise.all(
          [1, 2].map((seed) =>
            inScope({ signal, seed }, async (context) => subject.model.score?.(asked, text, context)),
          ),
        );
        if (!a || !b) throw new Wrong('claimed, and there is no function');
        check(
          Math.abs(a.logprob - b.logprob) < 0.01,
          `${short(text)} after ${short(prompt)}: ${a.logprob.toFixed(3)} and ${b.logprob.toFixed(3)}`,
        );
        // The embedded model counts the end of the text too, and writes no bytes that are no character.
        if (subject.twin && /^[ -~]*$/.test(text)) {
          const own = await inScope({ signal }, async (context) => subject.twin?.score?.(asked, text, context));
          const tokens = (own?.tokens ?? []).filter(({ token }) => token !== '');
          const theirs = sum(tokens.map(({ logprob }) => logprob));
          check(
            Math.abs(theirs - a.logprob) < 0.1,
            `${short(text)} after ${short(prompt)}: ${a.logprob.toFixed(3)}, the embedded model says ${theirs.toFixed(3)}`,
          );
        }
        told.push(a.logprob.toFixed(2));
      }
      return `${told.join(', ')}: the same with every seed${subject.twin ? ', and as the embedded model says' : ''}`;
    },
  },
  {
    name: 'continuation',
    able: continues,
    async run(subject, signal) {
      needs(subject, 'continueFrom');
      const { text: whole } = await ask(subject.model, GREEDY, { signal });
      const prefix = halfOf(whole);
      const mark = subject.watch.mark();
      const more = await inScope({ signal }, async (context) => subject.model.continueFrom?.(GREEDY, prefix, context));
      const text = more ? (textsOf(more)[0] ?? '') : '';
      check(text.startsWith(prefix), `${short(text)} does not begin with ${short(prefix)}`);
      check(!text.startsWith(prefix + prefix), `the beginning came twice: ${short(text)}`);
      check(
        text.startsWith(whole.slice(0, prefix.length + 4)),
        `from ${short(prefix)} to ${short(text.slice(prefix.length))}, whole ${short(whole.slice(prefix.length))}`,
      );
      const { told } = await audit(subject, mark, more?.usage.outputTokens, false);
      return `goes on as the whole answer does; ${told}`;
    },
  },
  {
    name: 'stop',
    async run(subject, signal) {
      const { text: whole } = await ask(subject.model, GREEDY, { signal });
      const at = Math.floor(whole.length / 2);
      const stop = whole.slice(at, at + 3);
      const before = whole.slice(0, whole.indexOf(stop));
      for (const streams of [false, true]) {
        const asked: Request = { ...GREEDY, stopSequences: [stop] };
        const sample = streams
          ? await last(subject.model, asked, { signal })
          : (await ask(subject.model, asked, { signal })).sample;
        const text = textOf(sample.content);
        check(
          !text.includes(stop),
          `${streams ? 'streamed: ' : ''}${short(text.slice(-20))} still holds ${short(stop)}`,
        );
        check(
          text === before,
          `${streams ? 'streamed: ' : ''}${short(text)}, and ${short(before)} stands before the stop`,
        );
        check(sample.finish.unified === 'stop', `finish ${sample.finish.unified}`);
      }
      return 'the text ends before it, whole and streamed';
    },
  },
  {
    name: 'token limit',
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const { sample, usage } = await ask(subject.model, request({ maxOutputTokens: 5 }), { signal, seed: 2 });
      check(sample.finish.unified === 'length', `finish ${sample.finish.unified} after 5 tokens`);
      check((usage.outputTokens ?? 5) === 5, `${usage.outputTokens} tokens booked for a limit of 5`);
      const { told } = await audit(subject, mark, usage.outputTokens, false);
      return `finish length; ${told}`;
    },
  },
  {
    name: 'seeds side by side',
    async run(subject, signal) {
      const asked = request({ maxOutputTokens: 24, temperature: 1.5 });
      const warned: Warning[] = [];
      const draw = async (seed: number): Promise<string> => {
        const { text, warnings } = await ask(subject.model, asked, { signal, seed });
        warned.push(...warnings);
        return text;
      };
      const seeds = Array.from({ length: 8 }, (_, i) => i);
      const both = await Promise.all([...seeds, ...seeds].map(draw));
      const same = seeds.filter((i) => both[i] === both[i + 8]).length;
      const different = new Set(both).size;
      if (different === 1) {
        check(saysCopies(warned), '16 draws of 8 seeds at temperature 1.5 are one text, and no word of it');
        return '16 draws of 8 seeds are one text, and each run says so';
      }
      if (same === 8) return `8 of 8 repeat, ${different} different texts`;
      const alone: string[] = [];
      for (const seed of [...seeds, ...seeds]) alone.push(await draw(seed));
      const repeats = seeds.filter((i) => alone[i] === alone[i + 8]).length;
      const told = `${same} of 8 seeds repeat side by side, ${repeats} of 8 one after another`;
      const { warnings } = subject.probed;
      const isSaid = warnings.some(({ code }) => code === 'seed-crossed' || code === 'seed-ignored');
      check(isSaid, `${told}, and no word of it`);
      return `${told}, and the probe says so`;
    },
  },
  {
    name: 'abort',
    async run(subject, signal) {
      const reason = new DOMException('enough', 'AbortError');
      const controller = new AbortController();
      const asked = request({ maxOutputTokens: 700, temperature: 2 });
      const mark = subject.watch.mark();
      let met: unknown;
      try {
        for await (const part of stream(subject.model, asked, { signal: controller.signal }))
          if (part.type === 'text-delta') controller.abort(reason);
      } catch (error) {
        met = error;
      }
      check(met === reason, `ended with ${String(met)}`);
      const [exchange] = await subject.watch.since(mark);
      check(exchange?.left === true || !exchange?.reply.includes('[DONE]'), 'the connection was read to its end');
      const after = await busy(subject);
      // Some answers are at their end before they can be left.
      const outcomes: unknown[] = [];
      for (let seed = 0; seed < 5 && outcomes.at(-1) !== reason; seed++) {
        const whole = new AbortController();
        const waiting = ask(subject.model, asked, { signal: whole.signal, seed });
        setTimeout(() => whole.abort(reason), 4);
        outcomes.push(await waiting.catch((error: unknown) => error));
      }
      check(outcomes.at(-1) === reason, `an unstreamed request went on, ${plural(outcomes.length, 'time')}`);
      // Not every server looks whether the caller of an unstreamed request is still there; nothing here can make it look.
      const still = await busy(subject);
      await ask(subject.model, request({ maxOutputTokens: 2 }), { signal });
      check(after !== 'busy', 'the server still writes 2 s after the caller of a stream left');
      const told =
        after === undefined
          ? ''
          : `; the server ends a stream that is left${still === 'busy' ? ', and goes on with an unstreamed request' : ', and an unstreamed request too'}`;
      return `the reason comes back and the connection is closed${told}`;
    },
  },
  {
    name: 'tools with history',
    async run(subject, signal) {
      const asked: Request = {
        prompt: [
          user('What is 14 + 23?'),
          {
            role: 'assistant',
            content: [{ type: 'tool-call', toolCallId: 'call00001', toolName: 'add', input: { a: 14, b: 23 } }],
          },
          {
            role: 'tool',
            content: [
              { type: 'tool-result', toolCallId: 'call00001', toolName: 'add', output: { type: 'json', value: 37 } },
            ],
          },
        ],
        tools: [ADD],
        maxOutputTokens: 40,
        temperature: 0,
      };
      const first = await ask(subject.model, { ...asked, prompt: asked.prompt.slice(0, 1) }, { signal });
      const mark = subject.watch.mark();
      const { sample, usage, warnings } = await ask(subject.model, asked, { signal });
      const calls = [first.sample, sample].map(
        ({ content }) => content.filter(({ type }) => type === 'tool-call').length,
      );
      const { told } = await audit(subject, mark, usage.outputTokens, false).catch((error: unknown) =>
        calls[1] ? { told: 'a call' } : Promise.reject(error as Error),
      );
      if (warnings.some(({ code }) => code === 'unsupported'))
        throw notTaken(subject, 'tools', 'are not taken at this endpoint');
      return `taken; ${calls[0]} calls at first, ${calls[1]} after the result; ${told}`;
    },
  },
  {
    name: 'JSON schema',
    async run(subject, signal) {
      const { text, sample, warnings } = await ask(
        subject.model,
        request({ responseFormat: { type: 'json', schema: SCHEMA }, temperature: 0, maxOutputTokens: 400 }),
        { signal },
      );
      if (warnings.some(({ code }) => code === 'unsupported'))
        throw notTaken(subject, 'responseFormat', 'is not taken at this endpoint');
      if (warnings.some(({ code }) => code === 'format-ignored'))
        throw notTaken(subject, 'responseFormat', `is not kept, and the run says so: ${short(text)}`);
      // Blank space is in the schema, and a small model may write it to the end of its tokens.
      if (sample.finish.unified === 'length' && /^\s*\{\s*"answer"\s*:\s*-?\d*\s*$/.test(text))
        return `kept as far as the limit let it: ${text.replaceAll(/\s+/g, ' ').trim()}`;
      const value = parsed(text) as { answer?: unknown } | undefined;
      check(Number.isInteger(value?.answer), `${short(text)} does not keep to it, and no word of it`);
      return `kept: ${text.replaceAll(/\s+/g, ' ').trim()}`;
    },
  },
  {
    name: 'embeddings',
    async run(subject, signal) {
      const { options, watch } = subject;
      const { baseURL, model, apiKey, dimensions = 128 } = options;
      const embedder = openaiEmbedder({ model, baseURL, apiKey, dimensions, fetch: watch.fetch });
      const [a, b, c] = await inScope({ signal }, async (context) =>
        embedder.embed(['The sea is wide.', 'The sea is very wide.', 'Tax forms are due in May.'], context),
      );
      const near = (x?: Float32Array, y?: Float32Array): number => sum([...(x ?? [])].map((v, i) => v * (y?.[i] ?? 0)));
      return `${a?.length} numbers each; like texts ${near(a, b).toFixed(2)}, unlike ${near(a, c).toFixed(2)}`;
    },
  },
  {
    name: 'vote',
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const voting = plus(subject.model, selfConsistency({ n: 4 }));
      const { sample, usage, warnings } = await ask(voting, request({ maxOutputTokens: 64 }), { signal });
      const { told, exchanges } = await audit(subject, mark, usage.outputTokens, false);
      const texts = exchanges.flatMap(writtenIn).map(({ text }) => text);
      check(texts.length === 4, `${texts.length} texts for 4 votes`);
      check(new Set(texts).size > 1 || saysCopies(warnings), '4 votes of one text, and no word of it');
      return `${new Set(texts).size} different texts, share ${JSON.stringify(sample.providerMetadata?.['plusx']?.['share'] ?? null)}; ${told}`;
    },
  },
  ...(
    [
      ['beam search', beamSearch({ beams: 2, width: 2, steps: 3, score: brevity })],
      ['beam search, a step a draw', beamSearch({ beams: 2, width: 2, steps: 3, score: brevity, draw: 'step' })],
      ['particle filter', particleFilter({ n: 4, steps: 3, score: brevity })],
    ] as const
  ).map(([name, technique]): Cell => ({
    name,
    able: name.endsWith('draw') ? async () => false : continues,
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const { text, usage } = await ask(plus(subject.model, technique), request(), { signal });
      check(text.trim() !== '', 'an empty text');
      const lines = text.split('\n');
      check(!lines.some((line, i) => line.length > 4 && line === lines[i + 1]), `a step came twice: ${short(text)}`);
      const { told } = await audit(subject, mark, usage.outputTokens, false);
      return `${plural(usage.calls, 'call')}; ${told}`;
    },
  })),
  {
    name: 'eval',
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const found = await axis(subject.model, itemsOf(subject), signal);
      // Whoever writes a text in the longest tokens there are writes it as the tokenizer would; a real model does not always.
      const { told } = await audit(subject, mark, found.output, subject.twin !== undefined);
      return `${told}; ${found.told}`;
    },
  },
  {
    name: 'eval of a vote',
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const items = itemsOf(subject);
      const task = await taskOf(items, { temperature: 1, maxOutputTokens: CUT });
      const { usage, failed, results, warnings } = await evaluate(
        plus(subject.model, selfConsistency({ n: 3 })),
        task,
        {
          signal,
        },
      );
      check(failed === 0, `${failed} items failed: ${results.find(({ error }) => error !== undefined)?.error}`);
      const out = usage.outputTokens;
      check(out === undefined || out === 3 * CUT * items, `${out} tokens booked for ${3 * items} draws of ${CUT}`);
      const { told, exchanges } = await audit(subject, mark, out, false);
      const different = new Set(exchanges.flatMap(writtenIn).map(({ text }) => text)).size;
      check(
        different > items || saysCopies(warnings),
        `${3 * items} draws for ${items} items are ${different} texts, and no word of it`,
      );
      return `${told}; ${perItem(usage.outputTokens, items)} written and ${perItem(usage.inputTokens, items)} read an item`;
    },
  },
  {
    name: 'curve',
    async run(subject, signal) {
      const mark = subject.watch.mark();
      const items = itemsOf(subject);
      const task = await taskOf(items, { temperature: 1, maxOutputTokens: CUT });
      const found = await curve(plus(subject.model, selfConsistency({ n: 1 })), task, {
        over: { n: [1, 2, 4] },
        signal,
      });
      check(found.failed === 0, `${found.failed} items failed`);
      const texts = (await subject.watch.since(mark)).flatMap(writtenIn).map(({ text }) => text);
      const isDrawn = new Set(texts).size > items;
      check(
        isDrawn || saysCopies(found.warnings),
        `${texts.length} draws for ${items} items are copies, and no word of it`,
      );
      const out = found.usage.outputTokens;
      check(out === undefined || out === 4 * CUT * items, `${out} tokens booked for ${4 * items} draws of ${CUT}`);
      const { told } = await audit(subject, mark, out, false);
      const one = await evaluate(subject.model, task, { signal });
      const [a, b] = [found.curve[0]?.tokensPerItem, one.tokensPerItem];
      check(
        a === undefined || b === undefined || Math.abs(a - b) < 0.1,
        `${a?.toFixed(1)} tokens an item at n = 1 of the curve, ${b?.toFixed(1)} where one is drawn (${told})`,
      );
      const points = found.curve.map(({ n, tokensPerItem }) => `${n}: ${tokensPerItem?.toFixed(1) ?? 'unknown'}`);
      return `${told}; tokens an item ${points.join(', ')}`;
    },
  },
];

/** A real model takes its time: it has fewer of both. */
const drawsOf = ({ twin }: Subject): number => (twin ? 300 : 100);
const itemsOf = ({ twin }: Subject): number => (twin ? 12 : 4);
/** No answer of the task is as short. */
const CUT = 6;
const perItem = (tokens: number | undefined, items: number): string =>
  tokens === undefined ? 'unknown' : (tokens / items).toFixed(1);

/** Held-out questions, asked in a way that leaves no room for chance. */
async function taskOf(count: number, more: Partial<Request>): Promise<Task> {
  const task = await loadTask('tiny:steps');
  const items = task.items.slice(0, count).map((item) => ({ ...item, request: { ...item.request, ...more } }));
  return { ...task, items };
}

/** The token axis: greedy answers of one set of weights are the same anywhere, so must be what they cost. */
export async function axis(
  model: Model,
  items: number,
  signal?: AbortSignal,
): Promise<{ readonly told: string; readonly output: number | undefined; readonly input: number | undefined }> {
  const task = await taskOf(items, { temperature: 0, maxOutputTokens: 120 });
  const { usage, accuracy, failed, results } = await evaluate(model, task, { signal });
  check(failed === 0, `${failed} items failed: ${results.find(({ error }) => error !== undefined)?.error}`);
  check(totalTokens(usage) !== 0, 'no tokens at all');
  const told = `accuracy ${accuracy.toFixed(2)}, ${perItem(usage.outputTokens, items)} written and ${perItem(usage.inputTokens, items)} read an item`;
  return { told, output: usage.outputTokens, input: usage.inputTokens };
}

/** The sample of a streamed answer. */
async function last(model: Model, asked: Request, options: ContextOptions): Promise<Sample> {
  for await (const part of stream(model, asked, options))
    if (part.type === 'finish') {
      const [sample] = part.sampled.samples;
      if (sample) return sample;
    }
  throw new MalformedReply({ url: model.name, why: 'a stream without an end', body: '' });
}

async function bareOf(subject: Subject, signal: AbortSignal): Promise<Model> {
  const { model } = await probe(subject.bare, { signal });
  return model;
}

/** Whether a server that tells is still at work 2 s after a request was left. */
async function busy({ options }: Subject): Promise<'busy' | 'idle' | undefined> {
  const root = options.baseURL.replace(/\/v1\/?$/, '');
  const slots = async (): Promise<number | undefined> => {
    const response = await fetch(`${root}/slots`);
    const all = response.ok ? ((await response.json()) as readonly { is_processing?: boolean }[]) : undefined;
    return all?.filter(({ is_processing: busy }) => busy).length;
  };
  const gauge = async (): Promise<number | undefined> => {
    const response = await fetch(`${root}/metrics`);
    const found = /num_requests_running\{[^}]*\} ([\d.]+)/.exec(await response.text())?.[1];
    return found === undefined ? undefined : Number(found);
  };
  for (const running of [slots, gauge]) {
    let found = await running().catch(() => undefined);
    if (found === undefined) continue;
    let waited = 0;
    for (; found !== 0 && waited < 2000; waited += 100) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      found = await running();
    }
    return found === 0 ? 'idle' : 'busy';
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
