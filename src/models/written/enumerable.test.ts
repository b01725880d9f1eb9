import { describe, expect, it } from 'vitest';
import { ask, parse, rootScope, textOf, user, type Model } from '../../core/index.ts';
import { exact } from '../../testing/laws/exact.ts';
import { enumerable } from './enumerable.ts';

const model = enumerable({ answers: { q: { yes: 3, yeah: 1, no: 4 }, '*': { what: 1 } } });
const of = async (input: Parameters<typeof exact>[1], from: Model = model): Promise<{ [text: string]: number }> =>
  Object.fromEntries(await exact(from, input));

describe('enumerable', () => {
  it('is the distribution that is written down, by question', async () => {
    expect(await of('q')).toEqual({ yes: 0.375, yeah: 0.125, no: 0.5 });
    expect(await of('other')).toEqual({ what: 1 });
    await expect(ask(enumerable({ answers: { q: { a: 1 } } }), 'other')).rejects.toThrow(
      /no distribution for the question "other"/,
    );
  });

  it('takes a temperature as a power', async () => {
    const at = (temperature: number) => of({ prompt: [user('q')], temperature });
    expect(await at(0.5)).toEqual({ yes: 9 / 26, yeah: 1 / 26, no: 16 / 26 });
    expect(await at(0)).toEqual({ no: 1 });
  });

  it('scores what it samples, and continues a prefix', async () => {
    const { context, close } = rootScope();
    const request = { prompt: [user('q')] };
    for (const text of ['yes', 'yeah', 'no', 'never'])
      expect((await model.score?.(request, text, context))?.logprob).toBe(
        Math.log({ yes: 0.375, yeah: 0.125, no: 0.5 }[text] ?? 0),
      );
    const { samples } = (await model.continueFrom?.({ ...request, n: 200 }, 'ye', context)) ?? { samples: [] };
    close();
    const yes = samples.filter(({ content }) => textOf(content) === 'yes').length;
    expect(samples.every(({ content }) => textOf(content).startsWith('ye'))).toBe(true);
    expect(Math.abs(yes / 200 - 0.75)).toBeLessThan(0.1);
    for (const { content, logprob } of samples)
      expect(logprob).toBe(Math.log(textOf(content) === 'yes' ? 0.375 : 0.125));
  });

  it.each(['a model', '3.5', 'true', 'x, y', 'a "b"', 'tiny'])('the name %j is a formula of its own', (name) => {
    const named = enumerable({ name, answers: { '*': { a: 1 } } });
    expect(parse(named.name, { techniques: [], model: (wanted) => (wanted === name ? named : undefined) })).toBe(named);
  });
});
