import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ask,
  fromBackend,
  memoryJournal,
  rootScope,
  stream,
  textOf,
  user,
  type Model,
  type Request,
  type Sampled,
} from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { bestOfN, selfConsistency } from '../../search/index.ts';
import { enumerable } from '../written/index.ts';
import { record, recorded } from './recorded.ts';
import { NotRecorded } from './replayed.ts';
import { scripted, type Scripted } from '../written/index.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-cassette-'));
  file = join(folder, 'fixtures/answers.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const bySeed = (): Scripted => scripted((_, { choice }) => `answer ${choice.seed()}`, { usage: { usd: 0.25 } });
const texts = ({ samples }: Sampled): string[] => samples.map(({ content }) => textOf(content));
const lines = (): string[] => readFileSync(file, 'utf8').trim().split('\n');
const q: Request = { prompt: [user('What is the answer?')] };

describe('a recorded model', () => {
  it('gives what was recorded, with its usage, and needs no model', async () => {
    const request = { ...q, n: 3, temperature: 0.7 };
    const live = await ask(record(bySeed(), file), request);
    expect(lines()).toHaveLength(4);
    const replayed = await ask(recorded(file), request);
    expect(texts(replayed)).toEqual(texts(live));
    expect(replayed.usage).toEqual(live.usage);
    expect(replayed.samples[0]?.finish).toEqual(live.samples[0]?.finish);
  });

  it.skipIf(process.platform === 'win32')('is for its owner only, in a folder that is', async () => {
    await ask(record(bySeed(), file), q);
    expect([statSync(file).mode & 0o777, statSync(join(folder, 'fixtures')).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('holds every step of a technique', async () => {
    const over = (base: Model): Model =>
      bestOfN({ n: 3, score: ({ content }) => textOf(content).length })(selfRefine()(base));
    const live = await ask(over(record(bySeed(), file)), 'q');
    expect((await ask(over(recorded(file)), 'q')).text).toBe(live.text);
    expect(lines()).toHaveLength(1 + live.usage.calls);
  });

  it('does not turn n samples into one under another seed', async () => {
    const request = { ...q, n: 4 };
    const live = texts(await ask(record(bySeed(), file), request));
    const orders = new Set<string>();
    for (let seed = 1; seed < 20; seed++) {
      const other = texts(await ask(recorded(file), request, { seed }));
      expect([...other].sort()).toEqual([...live].sort());
      expect(texts(await ask(recorded(file), request, { seed }))).toEqual(other);
      orders.add(other.join());
    }
    expect(orders.size).toBeGreaterThan(5);
  });

  it('gives the draws of two calls of one request, asked for in two parts, different recordings', async () => {
    await ask(record(bySeed(), file), { ...q, n: 4 });
    const part = (from: number) => ask(recorded(file), { ...q, n: 2, from }, { seed: 9 });
    expect(new Set([...texts(await part(0)), ...texts(await part(2))]).size).toBe(4);
  });

  it('streams', async () => {
    const model = record(scripted([{ reasoning: 'well then', text: 'one two three' }]), file);
    const live = [];
    for await (const part of stream(model, q)) live.push(part);
    const replayed = [];
    for await (const part of stream(recorded(file), q)) replayed.push(part);
    expect(replayed.map(({ type }) => type)).toEqual(live.map(({ type }) => type));
    expect(replayed.filter(({ type }) => type === 'text-delta')).toHaveLength(3);
    expect((await ask(recorded(file), q)).text).toBe('one two three');
  });

  it('continues, and scores, what the model continued and scored', async () => {
    const base = enumerable({ answers: { '*': { 'a b': 1, 'a c': 1, d: 2 } } });
    const both = async (model: Model) => {
      const { context, close } = rootScope();
      const continued = await model.continueFrom?.(q, 'a', context);
      const score = await model.score?.(q, 'd', context);
      close();
      return { texts: continued && texts(continued), logprob: score?.logprob, tokens: score?.usage.inputTokens };
    };
    const live = await both(record(base, file));
    expect(live).toMatchObject({ logprob: Math.log(0.5) });
    expect(await both(recorded(file))).toEqual(live);
    expect(recorded(file).can).toMatchObject({ logprobs: true, continueFrom: true, score: true, next: false });
  });

  it('keeps a recorded technique its semantics, facts and weight', async () => {
    const model = selfConsistency({ n: 3 })(scripted(['8', '7', '8']));
    const { sample } = await ask(record(model, file), q);
    expect((await ask(recorded(file), q)).sample).toMatchObject({
      semantics: sample.semantics,
      weight: sample.weight,
      providerMetadata: sample.providerMetadata,
    });
  });

  it('holds budgets: what was recorded costs what it cost', async () => {
    await ask(record(bySeed(), file), { ...q, n: 4 });
    const { samples, exhausted } = await ask(recorded(file), { ...q, n: 4 }, { budget: { usd: 0.6 } });
    expect(exhausted).toBe('usd');
    expect(samples).toHaveLength(2);
  });
});

describe('recording', () => {
  it('again asks the model only for what is not there', async () => {
    await ask(record(bySeed(), file), { ...q, n: 2, from: 1 });
    const model = bySeed();
    const all = await ask(record(model, file), { ...q, n: 5 });
    expect(texts(all)).toEqual(texts(await ask(bySeed(), { ...q, n: 5 })));
    expect(model.calls).toHaveLength(3);
    await ask(record(model, file), { ...q, n: 5 });
    expect(model.calls).toHaveLength(3);
    expect(lines()).toHaveLength(6);
    expect(all.usage.calls).toBe(5);
  });

  it('writes nothing until something is answered, and nothing of an answer that a budget cut short', async () => {
    const model = record(bySeed(), file);
    expect(existsSync(file)).toBe(false);
    await ask(model, { ...q, n: 3 }, { budget: { calls: 2 } });
    expect(existsSync(file)).toBe(false);
  });

  it('shares the usage of a native n among its candidates', async () => {
    const native = fromBackend({
      name: 'native',
      can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 1 },
      semantics: { kind: 'exact', target: 'P', why: 'a test' },
      native: () => true,
      bound: () => ({ inputTokens: 9, outputTokens: 9 }),
      call: async (_, { choices }) => ({
        candidates: choices.map((_, i) => ({
          content: [{ type: 'text', text: String(i) }],
          finish: { unified: 'stop', raw: undefined },
        })),
        usage: { inputTokens: 10, outputTokens: 7, reasoningTokens: 0, cachedInputTokens: 0, usd: undefined },
      }),
    });
    const live = await ask(record(native, file), { ...q, n: 3 });
    expect((await ask(recorded(file), { ...q, n: 3 })).usage).toEqual(live.usage);
  });

  it('can go to a journal', async () => {
    const journal = memoryJournal();
    const model = bySeed();
    const live = await ask(record(model, journal), { ...q, n: 3 });
    expect(texts(await ask(record(model, journal), { ...q, n: 3 }))).toEqual(texts(live));
    expect(model.calls).toHaveLength(3);
  });

  it('keeps binary content of requests', async () => {
    const image = (byte: number): Request => ({
      prompt: [
        {
          role: 'user',
          content: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([byte]) } }],
        },
      ],
    });
    const model = record(scripted(['seven', 'eight']), file);
    await ask(model, image(7));
    await ask(model, image(8));
    expect((await ask(recorded(file), image(8))).text).toBe('eight');
    expect((await ask(recorded(file), image(7))).text).toBe('seven');
  });
});

describe('secrets', () => {
  const KEYS = [
    `sk-proj-${'a1B2'.repeat(8)}`,
    `sk-ant-api03-${'x9_-'.repeat(8)}`,
    `ghp_${'a1B2'.repeat(9)}`,
    'AKIAABCDEFGHIJKLMNOP',
    `AIza${'a1B2'.repeat(9)}`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`,
  ];

  it('are not written, whatever they come in', async () => {
    const custom = 'correct horse battery staple';
    const answer = `Use ${KEYS[1]} and https://user:hunter2@example.org/?api_key=0123456789abcdef, or {"password":"hunter22"}`;
    const request: Request = {
      prompt: [user(`My keys are ${KEYS.join(', ')}; Authorization: Bearer ${'0af'.repeat(9)} and ${custom}`)],
      headers: {
        authorization: 'Bearer in-the-header',
        'x-api-key': 'also-in-the-header',
        'x-team': 'team-in-the-header',
      },
      providerOptions: { some: { apiKey: 'plain', token: 'kept: not a name of a secret' } },
    };
    const secrets = [custom];
    await ask(record(scripted([answer]), file, { secrets }), request);
    const written = readFileSync(file, 'utf8');
    for (const secret of [...KEYS, custom, '0af0af', 'hunter2', '0123456789abcdef', 'in-the-header', '"plain"'])
      expect(written).not.toContain(secret);
    expect((await ask(recorded(file, { secrets }), request)).text).toContain('Use [key] and https://user:[key]@');
  });

  it('of another owner do not keep a request from being found', async () => {
    const asked = (key: string): Request => ({ prompt: [user(`Is ${key} valid?`)] });
    await ask(record(scripted(['yes']), file), asked(KEYS[0] as string));
    expect((await ask(recorded(file), asked(`sk-proj-${'0Z9y'.repeat(8)}`))).text).toBe('yes');
  });

  it('are not seen in ordinary prose', async () => {
    const prose =
      'A basic understanding of token classification: the bearer responsibilities, sk-learn-style-estimators-everywhere, password: required, secret = something, task-oriented-dialogue-2024, see https://example.org/a?key=1&b=2 and risk_assessment_2024_final.';
    await ask(record(scripted([prose]), file), q);
    expect((await ask(recorded(file), q)).text).toBe(prose);
  });
});

describe('what is not there', () => {
  const refusal = async (request: Request): Promise<string> => {
    const error: unknown = await ask(recorded(file), request).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NotRecorded);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message.replaceAll(file, 'FILE');
  };

  it('is named, with the nearest request that is there and how to record', async () => {
    const model = record(bySeed(), file);
    await ask(model, { prompt: [user('What is the capital of France?')] });
    await ask(model, { prompt: [user('How many legs has a spider?')], temperature: 0.5 });
    expect(await refusal({ prompt: [user('What is the capital of Italy?')] })).toBe(
      'FILE: no answer to "What is the capital of Italy?" is recorded; the nearest recorded request is "What is the capital of France?". Record it: run once with record(model, "FILE") in place of recorded(...)',
    );
    expect(await refusal({ prompt: [user('How many legs has a spider?')], topP: 0.9 })).toContain(
      'the nearest recorded request is "How many legs has a spider?" (temperature 0.5 there, none here; topP none there, 0.9 here)',
    );
    expect(
      await refusal({ prompt: [{ role: 'system', content: 'Be brief.' }, user('What is the capital of France?')] }),
    ).toContain(
      '(the messages before it differ: user "What is the capital of France?" there, system "Be brief." here)',
    );
  });

  it('may be more samples of a request', async () => {
    await ask(record(bySeed(), file), { ...q, n: 2 });
    expect(await refusal({ ...q, n: 3 })).toContain(
      '2 answers to "What is the answer?" are recorded, and more different ones are asked for',
    );
  });

  it('ends a technique instead of being taken for bad luck', async () => {
    await ask(record(bySeed(), file), { ...q, n: 2 });
    await expect(ask(selfConsistency({ n: 3 })(recorded(file)), q)).rejects.toThrow(NotRecorded);
  });

  it('may be the cassette', () => {
    expect(() => recorded(file)).toThrow(/there is no such cassette. Make it: run once with record\(model, /);
  });
});

describe('a malformed cassette', () => {
  it('is refused with the number of the line', async () => {
    await ask(record(bySeed(), file), { ...q, n: 2 });
    appendFileSync(file, '{"request": {"prompt": [\n');
    expect(() => recorded(file)).toThrow(`${file}:4: is not JSON`);
    writeFileSync(file, `${lines().slice(0, 2).join('\n')}\n\n{"request":{"prompt":[]}}\n`);
    expect(() => recorded(file)).toThrow(`${file}:4: has no candidate.content. A line is`);
    writeFileSync(file, '[1]\n');
    expect(() => recorded(file)).toThrow(`${file}:1: is no JSON object`);
    writeFileSync(file, '{"question":"q"}\n');
    expect(() => recorded(file)).toThrow(`${file}:1: is no head of a cassette`);
    writeFileSync(file, '{"plusx":"cassette","version":3,"model":"m","can":{}}\n');
    expect(() => recorded(file)).toThrow('version 3, and this plusx reads 2. Update plusx');
  });

  it('of the first version is played, and not recorded into: its draws have other addresses', async () => {
    await ask(record(bySeed(), file), { ...q, n: 2 });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version":2', '"version":1'));
    expect(texts(await ask(recorded(file), { ...q, n: 2 }))).toHaveLength(2);
    expect(() => record(bySeed(), file)).toThrow(
      /:1: is of version 1, whose draws have other addresses: each would be asked for and paid for again/,
    );
  });

  it('may be written by hand, without the names of draws', async () => {
    const can = '{"logprobs":false,"continueFrom":false,"score":false,"next":false,"concurrency":1}';
    const line = (text: string): string =>
      `{"request":{"prompt":[{"role":"user","content":[{"type":"text","text":"q"}]}]},"candidate":{"content":[{"type":"text","text":"${text}"}],"finish":{"unified":"stop"}},"usage":{"calls":1}}`;
    writeFileSync(
      (file = join(folder, 'by-hand.jsonl')),
      [`{"plusx":"cassette","version":1,"model":"m","can":${can}}`, line('a'), line('b'), ''].join('\n'),
    );
    const drawn = texts(await ask(recorded(file), { prompt: [user('q')], n: 2 }));
    expect(drawn.sort()).toEqual(['a', 'b']);
  });
});
