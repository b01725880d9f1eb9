import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf, scorer, type Request } from '../../core/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { scripted } from '../../models/written/scripted.ts';
import { cascade } from './cascade.ts';
import { ensemble } from '../ensemble/ensemble.ts';
import { mixture } from '../mixture/mixture.ts';
import { route } from '../route/route.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';

const dear = (): ReturnType<typeof scripted> => scripted(() => 'dear', { name: 'dear' });
const cheap = (...answers: string[]): ReturnType<typeof scripted> => scripted(answers, { name: 'cheap' });

describe('cascade', () => {
  it('believes a cheap vote that is clear, and asks the dear model where it is not', async () => {
    for (const [answers, text, calls, level] of [
      [['4', '4', '5'], '4', 3, 0],
      [['4', '6', '5'], 'dear', 4, 1],
      [['4', '4\nor so', 'who\nknows'], '4', 3, 0], // of those that have an answer
      [['who\nknows', 'not\nme', 'nor\nme'], 'dear', 4, 1],
    ] as const) {
      const model = cascade([plus(cheap(...answers), selfConsistency({ n: 3 })), dear()], { threshold: 0.6 });
      const { text: got, usage, sample } = await ask(model, 'q');
      expect([got, usage.calls, sample.providerMetadata?.['plusx']?.['level']]).toEqual([text, calls, level]);
    }
  });

  it('by logprob believes what is certain', async () => {
    const sure = enumerable({ name: 'sure', answers: { '*': { yes: 1 } } });
    const { text, sample } = await ask(cascade([sure, dear()], { by: 'logprob', threshold: 1 }), 'q');
    expect([text, sample.providerMetadata?.['plusx']]).toEqual(['yes', { model: 'sure', level: 0, confidence: 1 }]);
  });

  it('asks on, with a warning, where an answer has no confidence', async () => {
    for (const by of ['share', 'logprob'] as const) {
      const { text, warnings } = await ask(cascade([cheap('4'), dear()], { by }), 'q');
      expect([text, warnings.map(({ code }) => code)]).toEqual(['dear', ['no-confidence']]);
    }
  });

  it('stops at the last answer that a budget allows', async () => {
    const score = scorer('never', () => 0);
    const model = cascade([cheap('one'), scripted(['two'], { name: 'two' }), dear()], { by: 'score', score });
    const { text, exhausted, sample } = await ask(model, 'q', { budget: { calls: 2 } });
    expect([text, exhausted, sample.providerMetadata?.['plusx']?.['level']]).toEqual(['two', 'calls', 1]);
  });

  it.each([
    [{ by: 'score' }, /score goes with by="score", and only with it/],
    [{ score: () => 1 }, /score goes with by="score", and only with it/],
  ] as const)('refuses %o', (options, message) => {
    expect(() => cascade([dear()], options)).toThrow(message);
  });
});

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

describe('route', () => {
  const pair = () => [cheap('cheap'), dear()] as const;

  it('tells the router what each model is good at, and asks the one it names', async () => {
    const router = scripted(['Model: 2'], { name: 'router' });
    const model = route(pair(), { router, about: 'short sums\nlong proofs' });
    const request: Request = {
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Prove it.' }] }],
      responseFormat: { type: 'json' },
    };
    const { text, sample, usage } = await ask(model, request);
    expect([text, usage.calls, sample.providerMetadata?.['plusx']]).toEqual(['dear', 2, { model: 'dear' }]);
    const asked = router.calls[0]?.request;
    expect(questionOf(asked?.prompt ?? [])).toContain('1. short sums\n2. long proofs');
    expect(asked?.prompt).toHaveLength(2);
    expect(asked?.responseFormat).toBeUndefined();
  });

  it.each(['Neither.', 'Model: 7', 'I have 2 thoughts'])('asks the first where the reply is "%s"', async (reply) => {
    const { text, warnings } = await ask(route(pair(), { router: scripted([reply]) }), 'q');
    expect([text, warnings.map(({ code }) => code)]).toEqual(['cheap', ['no-route']]);
  });

  it('asks whom a function names, and takes no other', async () => {
    const { text, usage } = await ask(route(pair(), { pick: () => Promise.resolve(1) }), 'q');
    expect([text, usage.calls]).toEqual(['dear', 1]);
    for (const index of [2, -1, 0.5])
      await expect(ask(route(pair(), { pick: () => index }), 'q')).rejects.toThrow(/pick must give an index below 2/);
  });

  it.each([
    [{}, /router or `pick` must be given, and not both/],
    [{ router: cheap('1'), pick: () => 0 }, /router or `pick` must be given, and not both/],
    [{ router: cheap('1'), about: 'one' }, /about must have 2 lines, one a model/],
  ])('refuses %o', (options, message) => {
    expect(() => route(pair(), options)).toThrow(message);
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
