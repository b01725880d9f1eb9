import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { mixture } from '../mixture/mixture.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { law } from './ensemble.law.ts';
import { ensemble } from './ensemble.ts';

testLaw(law);

const dear = (): ReturnType<typeof scripted> => scripted(() => 'dear', { name: 'dear' });
const cheap = (...answers: string[]): ReturnType<typeof scripted> => scripted(answers, { name: 'cheap' });

describe('ensemble', () => {
  it('hears each model as often, believes it as its weight says, and a tie goes to the first', async () => {
    const three = [cheap('a', 'b'), scripted(['b', 'b']), scripted(['c', 'a'])];
    const { text, usage, sample } = await ask(ensemble(three, { n: 2 }), 'q');
    expect([text, usage.calls]).toEqual(['b', 6]);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ votes: { b: 3, a: 2, c: 1 }, samples: 6 });
    expect((await ask(ensemble([cheap('a'), dear()]), 'q')).text).toBe('a');
    expect((await ask(ensemble([cheap('a'), dear()], { weights: [1, 1.5] }), 'q')).text).toBe('dear');
  });

  it.each([[[1]], [[1, -1]]])('refuses the weights %j for two models', (weights) => {
    expect(() => ensemble([cheap('a'), dear()], { weights })).toThrow(/weights must be 2 numbers of at least 0/);
  });
});

it('several wordings outvote the mistakes of each, and more samples of one do not', async () => {
  // Each wording has a mistake of its own, and makes it every time: more samples of one cannot outvote it.
  const reader = enumerable({
    answers: (prompt) => ({
      [{ plain: '6', 'Be brief. plain': '5', 'plain Think.': '4', 'plain Check.': '4' }[questionOf(prompt)] as string]:
        1,
    }),
  });
  const worded = (say: (question: string) => string): typeof reader => ({
    ...reader,
    name: say('worded'),
    sample: ({ prompt, ...rest }, context) =>
      reader.sample(
        { ...rest, prompt: [{ role: 'user', content: [{ type: 'text', text: say(questionOf(prompt)) }] }] },
        context,
      ),
  });
  const wordings = [(q: string) => `Be brief. ${q}`, (q: string) => `${q} Think.`, (q: string) => `${q} Check.`];
  const prompts = [reader, ...wordings.map(worded)];
  const right = async (model: typeof reader): Promise<number> => {
    let sum = 0;
    for (let seed = 0; seed < 40; seed++) sum += Number((await ask(model, 'plain', { seed })).text === '4');
    return sum / 40;
  };
  expect(await right(plus(reader, selfConsistency({ n: 25 })))).toBe(0);
  expect(await right(plus(mixture(prompts), selfConsistency({ n: 25 })))).toBeGreaterThan(0.7);
  expect(await right(ensemble(prompts))).toBe(1); // each is heard once, and chance leaves none out
});
