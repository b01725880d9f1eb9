import { describe, expect, it } from 'vitest';
import { ask, memoryJournal, NO_USAGE, plus, type Model, type Sample } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { tiny } from '../../models/tiny/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { openaiServer } from '../../testing/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { confidences, overall, tokenConfidence } from './confidence.ts';
import { law } from './deep-conf.law.ts';
import { deepConf } from './deep-conf.ts';

testLaw(law);

/** Thinks for long: sure of itself where it goes right ("r"), and unsure, token after token, where it goes wrong ("w"). */
const LENGTH = 24;
const thinker = enumerableTokens({
  name: 'thinker',
  tokens: ['r', 'w', '.', ',', '7', '8'],
  maxTokens: LENGTH + 3,
  next: ([way, ...more]) => {
    if (way === undefined) return [1, 1, 0, 0, 0, 0, 0];
    if (more.length < LENGTH) return way === 0 ? [0, 0, 97, 3, 0, 0, 0] : [0, 0, 1, 1, 0, 0, 0];
    if (more.length === LENGTH) return way === 0 ? [0, 0, 0, 0, 9, 1, 0] : [0, 0, 0, 0, 2, 8, 0];
    return [0, 0, 0, 0, 0, 0, 1];
  },
});
const { stream: _stream, ...mute } = thinker;
/** A digit at the end of all the dots, which no kind of answer is written as. */
const digit = (reply: string): string | undefined => /\d/.exec(reply)?.[0];
const OPTIONS = { n: 12, alternatives: 2, window: 8, extract: digit } as const;
const facts = ({ providerMetadata }: Sample) => providerMetadata?.['plusx'] as { tokens: number; dropped: number };

async function share(model: Model, answer: string): Promise<number> {
  let right = 0;
  for (let seed = 0; seed < 60; seed++) right += Number((await ask(model, 'q', { seed })).sample.answer === answer);
  return right / 60;
}

describe('deepConf', () => {
  it('elects what the sure candidates say, where a plain vote is a coin toss', async () => {
    // 7 has 55% of the texts, and 90% of the sure ones.
    const plain = await share(plus(thinker, selfConsistency({ n: 12, extract: digit })), '7');
    const sure = await share(plus(thinker, deepConf(OPTIONS)), '7');
    const barred = await share(plus(thinker, deepConf({ ...OPTIONS, warmup: 4, consensus: 1 })), '7');
    expect(plain).toBeLessThan(0.85);
    expect(sure).toBeGreaterThan(0.9);
    expect(barred).toBeGreaterThan(0.8); // 91% over 1500 seeds
  });

  it('gives unsure candidates up while they are written, and elects the same without streaming', async () => {
    let [saved, written] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const options = { ...OPTIONS, warmup: 4, consensus: 1 };
      const streamed = await ask(plus(thinker, deepConf(options)), 'q', { seed });
      const whole = await ask(plus(mute, deepConf(options)), 'q', { seed });
      expect(streamed.text).toBe(whole.text);
      expect(facts(streamed.sample).dropped).toBe(facts(whole.sample).dropped);
      expect(streamed.usage.unreported).toBeLessThanOrEqual(facts(streamed.sample).dropped);
      const codes = whole.usage.calls > 4 ? ['no-streamed-logprobs'] : []; // four that agree need no others
      expect(whole.warnings.map(({ code }) => code)).toEqual(codes);
      expect(streamed.warnings).toEqual([]);
      saved += facts(whole.sample).tokens - facts(streamed.sample).tokens;
      written += facts(whole.sample).tokens;
    }
    // Of 8 candidates after the warm-up half are unsure, and most of those are left after the first group.
    expect(saved / written).toBeGreaterThan(0.15);
  });

  it('goes on with the draws after those of the warm-up', async () => {
    const asked: (number | undefined)[] = [];
    const spy: Model = {
      ...thinker,
      stream(request, context) {
        asked.push(request.from);
        return (thinker.stream as NonNullable<Model['stream']>)(request, context);
      },
    };
    await ask(plus(spy, deepConf({ ...OPTIONS, n: 7, warmup: 4, consensus: 1 })), 'q', { seed: 1 });
    expect(asked).toEqual([4, 5, 6]);
  });

  it('stops drawing at consensus', async () => {
    const sure = enumerableTokens({ tokens: ['7'], next: () => [1, 0], maxTokens: 1 });
    const { usage } = await ask(plus(sure, deepConf({ ...OPTIONS, warmup: 3 })), 'q');
    expect(usage.calls).toBe(3);
  });

  it('asks for whole candidates from a journal that has them, and goes on where it was stopped', async () => {
    const journal = memoryJournal();
    const model = plus(thinker, deepConf({ ...OPTIONS, warmup: 4, consensus: 1 }));
    const first = await ask(model, 'q', { journal, seed: 3 });
    const again = await ask(model, 'q', { journal, seed: 3 });
    expect(again.text).toBe(first.text);
    expect(facts(again.sample)).toEqual(facts(first.sample));
    expect(again.warnings).toEqual([]);
    // What was given up left no reply, and is begun again.
    expect(again.usage.calls - again.usage.replays).toBe(first.usage.unreported);
  });

  it('says where it can tell less than it should', async () => {
    const texts = enumerable({ answers: { '*': { 'a 7': 1, 'b 8': 1 } } });
    const codes = async (model: Model): Promise<string[]> =>
      (await ask(plus(model, deepConf({ n: 12, warmup: 6, consensus: 1, extract: 'number' })), 'q')).warnings.map(
        ({ code }) => code,
      );
    expect(await codes(texts)).toEqual(['no-alternatives', 'no-streamed-logprobs']);
    const nothing = scripted(['7', '8', '8', '8', '8'], { can: { logprobs: true } });
    const { text, sample, warnings } = await ask(plus(nothing, deepConf({ n: 5, warmup: 2 })), 'q');
    expect([text, warnings.map(({ code }) => code)]).toEqual(['8', ['no-logprob']]);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ samples: 5, votes: { '8': 4, '7': 1 } });
    expect(() => plus(scripted(['7']), deepConf())).toThrow(/needs a model with `logprobs`/);
  });

  it.each([
    [{ n: 4, warmup: 5 }, /warmup must be at most n \(4\)/],
    [{ alternatives: 1 }, /alternatives must be 0 or at least 2/],
  ])('refuses %o', (options, message) => {
    expect(() => deepConf(options)).toThrow(message);
  });
});

describe('confidence', () => {
  const two = (p: number) => ({
    token: 'x',
    logprob: Math.log(p),
    alternatives: [p, 1 - p].map((q) => ({ token: 'x', logprob: Math.log(q) })),
  });

  it('is the mean negative log-probability of the alternatives: lowest for a coin toss', () => {
    expect(tokenConfidence(two(0.9), 'alternatives', 2)).toBeCloseTo(-(Math.log(0.9) + Math.log(0.1)) / 2, 12);
    expect(tokenConfidence(two(0.5), 'alternatives', 2)).toBeCloseTo(Math.LN2, 12);
    const sure = { token: 'x', logprob: 0, alternatives: [{ token: 'x', logprob: 0 }] };
    expect(tokenConfidence(sure, 'alternatives', 2)).toBeCloseTo(Math.log(1e10) / 2, 9);
    expect(tokenConfidence({ token: 'x', logprob: -2 }, 'own', 2)).toBe(-2);
  });

  it('of a text is that of its groups', () => {
    const values = [5, 1, 3, 4, 2, 6];
    const grouped = (measure: 'lowest' | 'bottom' | 'tail' | 'mean', window: number) =>
      overall(values, { measure, window });
    expect(grouped('mean', 2)).toBe(3.5);
    expect(grouped('tail', 2)).toBe(4);
    expect(grouped('lowest', 2)).toBe(2);
    expect(grouped('bottom', 2)).toBe(2); // one of five groups
    expect(grouped('lowest', 99)).toBe(3.5);
    const some = Array.from({ length: 15 }, (_, i) => i);
    expect(overall(some, { measure: 'bottom', window: 1 })).toBe(0.5); // a tenth of 15 is two, begun and all
    const long = Array.from({ length: 40 }, (_, i) => i);
    expect(overall(long, { measure: 'bottom', window: 1 })).toBe(1.5); // the mean of 0, 1, 2, 3
  });

  it('of a text without tokens is its mean', () => {
    const sample = { content: [], finish: { unified: 'stop', raw: 'stop' }, weight: 1, logprob: -6 } as const;
    const semantics = { kind: 'exact', target: 'P', why: 'a test' } as const;
    const usage = { ...NO_USAGE, outputTokens: 3 };
    expect(confidences({ ...sample, semantics, usage }, 'own', 0)).toEqual([-2]);
    expect(confidences({ ...sample, semantics }, 'own', 0)).toEqual([Number.NaN]); // of nobody knows how many
  });
});

describe('real back ends stream what it reads', () => {
  it('the model in the box', async () => {
    const model = tiny();
    const { stream: _written, ...silent } = model;
    const options = { n: 6, warmup: 2, alternatives: 3, window: 3, consensus: 1, keep: 0.5 };
    for (let seed = 0; seed < 3; seed++) {
      const request = {
        prompt: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
        maxOutputTokens: 24,
      } as const;
      const one = await ask(plus(model, deepConf(options)), request, { seed });
      const other = await ask(plus(silent, deepConf(options)), request, { seed });
      expect(one.text).toBe(other.text);
      expect(one.warnings.map(({ code }) => code)).toEqual(['cannot-know']); // and nothing else
      expect(facts(one.sample).tokens).toBeLessThanOrEqual(facts(other.sample).tokens);
    }
  });

  it('an OpenAI-compatible server', async () => {
    const server = await openaiServer({ answers: { 'so it is 7': 0.8, 'or perhaps 8': 0.2 } });
    try {
      const model = openaiCompatible({ baseURL: server.url, model: 'm', quirks: { logprobs: true } });
      const { warnings, sample } = await ask(
        plus(model, deepConf({ n: 12, warmup: 6, window: 2, consensus: 1, extract: 'number' })),
        'q',
      );
      expect(warnings.map(({ code }) => code)).not.toContain('no-streamed-logprobs');
      expect(['7', '8']).toContain(sample.answer);
    } finally {
      await server.close();
    }
  });
});
