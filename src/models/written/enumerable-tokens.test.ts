import { describe, expect, it } from 'vitest';
import { ask, rootScope, stream, toRequest, type Sampled, type TokenLogprob } from '../../core/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { enumerableTokens } from './enumerable-tokens.ts';

const model = enumerableTokens({
  tokens: ['x', 'yz'],
  next: (prefix) => (prefix.length === 0 ? [2, 1, 1] : prefix[0] === 0 ? [1, 0, 1] : [1, 1, 2]),
  maxTokens: 2,
});
const written = { x: 0.25, xx: 0.25, yz: 0.125, yzx: 0.0625, yzyz: 0.0625, '': 0.25 };
const request = toRequest('q');

describe('enumerableTokens', () => {
  it('is the product of what is written down', async () => {
    expect(totalVariation(await exact(model, 'q'), new Map(Object.entries(written)))).toBeLessThan(1e-15);
  });

  it('scores and opens to the same distribution', async () => {
    const { context, close } = rootScope();
    for (const [text, p] of Object.entries(written))
      expect((await model.score?.(request, text, context))?.logprob).toBeCloseTo(Math.log(p), 12);
    for (const text of ['z', 'xyz', 'xxx'])
      expect((await model.score?.(request, text, context))?.logprob).toBe(-Infinity);
    const opened = await model.open?.(request, context);
    expect([...((await (await opened?.push(1))?.next()) ?? [])].map(Math.exp)).toEqual([0.25, 0.25, 0.5]);
    expect([...((await opened?.next()) ?? [])].map(Math.exp)).toEqual([0.5, 0.25, 0.25]); // the old state is usable
    close();
  });

  it('continues a prefix with the rest of its distribution', async () => {
    const after = await exact(
      {
        ...model,
        sample: (asked, context) => model.continueFrom?.(asked, 'yz', context) ?? Promise.reject(new Error()),
      },
      'q',
    );
    expect(
      totalVariation(
        after,
        new Map([
          ['yz', 0.5],
          ['yzx', 0.25],
          ['yzyz', 0.25],
        ]),
      ),
    ).toBeLessThan(1e-15);
  });

  it('streams token by token what it samples, with alternatives where they are asked for', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const asked = { ...request, logprobs: 2 };
      const { sample, usage } = await ask(model, asked, { seed });
      const tokens: TokenLogprob[] = [];
      let last: Sampled | undefined;
      for await (const part of stream(model, asked, { seed })) {
        if (part.type === 'text-delta') tokens.push(...(part.tokens ?? []));
        if (part.type === 'finish') last = part.sampled;
      }
      expect([last?.samples[0], last?.usage]).toEqual([sample, usage]);
      expect(tokens).toEqual(sample.tokens?.filter(({ token }) => token !== ''));
      expect(sample.tokens?.reduce((sum, { logprob }) => sum + logprob, 0)).toBeCloseTo(sample.logprob as number, 12);
      const [first] = sample.tokens ?? [];
      expect(first?.alternatives?.map(({ token, logprob }) => [token, logprob])).toEqual([
        ['x', Math.log(0.5)],
        ['yz', Math.log(0.25)],
      ]);
    }
    expect((await ask(model, 'q')).sample.tokens).toBeUndefined();
  });

  it('refuses tokens that write a text in two ways', () => {
    expect(() => enumerableTokens({ tokens: ['a', 'ab'], next: () => [], maxTokens: 1 })).toThrow(/begins another/);
  });
});
