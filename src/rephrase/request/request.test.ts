import { describe, expect, it } from 'vitest';
import { ask, parse, plus, system, user, type Model, type Request } from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { enumerable, enumerableTokens } from '../../models/written/index.ts';
import { topK } from '../../decode/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './request.law.ts';
import { request } from './request.ts';

testLaw(law);

/** What the base is asked. */
function listening(): { readonly base: Model; readonly seen: Request[] } {
  const inner = enumerable({ answers: { '*': { yes: 3, no: 1 } } });
  const seen: Request[] = [];
  const base: Model = { ...inner, sample: (asked, context) => (seen.push(asked), inner.sample(asked, context)) };
  return { base, seen };
}

const ALL = {
  temperature: 0.7,
  maxTokens: 48,
  topP: 0.9,
  stop: ['\n\n', 'Q:'],
  system: 'Only the number.',
  reasoning: 'low',
};

describe('request', () => {
  it('sets what it names, and nothing else', async () => {
    const { base, seen } = listening();
    await ask(plus(base, request(ALL)), 'q');
    expect(seen).toMatchObject([
      {
        prompt: [system('Only the number.'), user('q')],
        temperature: 0.7,
        maxOutputTokens: 48,
        topP: 0.9,
        stopSequences: ['\n\n', 'Q:'],
        reasoning: 'low',
      },
    ]);
    await ask(plus(base, request()), { prompt: [user('q')], temperature: 1 });
    expect(seen[1]).toEqual({ prompt: [user('q')], temperature: 1, n: 1, from: 0 });
  });

  it('takes the place of settings, and keeps the tighter bounds', async () => {
    const { base, seen } = listening();
    const model = plus(base, request(ALL));
    const prompt = [system('Be polite.'), user('q')];
    await ask(model, { prompt, temperature: 0, maxOutputTokens: 8, stopSequences: ['Q:', '.'] });
    expect(seen[0]).toMatchObject({
      prompt: [system('Only the number.\n\nBe polite.'), user('q')],
      temperature: 0.7,
      maxOutputTokens: 8,
      stopSequences: ['Q:', '.', '\n\n'],
    });
    await ask(model, { prompt, maxOutputTokens: 1000 });
    expect(seen[1]?.maxOutputTokens).toBe(48);
  });

  it('leaves several candidates to one call', async () => {
    const { base, seen } = listening();
    await ask(plus(base, request({ temperature: 2 }), selfConsistency({ n: 5 })), 'q');
    expect(seen.map(({ n }) => n)).toEqual([5]);
  });

  it('is read from a formula as it is printed', () => {
    const { base } = listening();
    const { name } = plus(base, request(ALL));
    expect(name).toBe(
      'enumerable + request(temperature=0.7, maxTokens=48, topP=0.9, stop=["\\n\\n", "Q:"], system="Only the number.", reasoning="low")',
    );
    expect(parse(name, { techniques, model: () => base }).name).toBe(name);
  });

  it('opens the model for techniques that work token by token', async () => {
    const letters = enumerableTokens({ tokens: ['a', 'b'], next: () => [2, 1, 0], maxTokens: 9 });
    const model = plus(letters, request({ maxTokens: 2 }), topK({ k: 1 }));
    expect((await ask(model, 'q')).text).toBe('aa');
  });

  it.each([
    [{ temperature: -1 }, /temperature must be a number of at least 0/],
    [{ maxTokens: 0 }, /maxTokens must be a positive integer/],
    [{ topP: 1.5 }, /topP must be a number from 0 to 1/],
  ])('refuses %j', (options, message) => {
    expect(() => request(options)).toThrow(message);
  });
});
