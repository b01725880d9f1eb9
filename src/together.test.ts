/**
 * A technique that only changes what is asked leaves several draws together: on a server that answers n candidates with one call,
 * a vote over it is one call. All techniques are looked at, so that the next one of this kind is found too.
 */
import { describe, expect, it } from 'vitest';
import { exampleOf, host } from '../scripts/examples.ts';
import { techniques } from './catalog.ts';
import { ask, plus, seeded, user, type Model, type Transform } from './core/index.ts';
import { planAndSolve } from './decompose/index.ts';
import { scripted, type Scripted } from './models/written/index.ts';
import { fewShot, rag } from './remember/index.ts';
import { reRead } from './rephrase/index.ts';
import { selfConsistency } from './search/index.ts';

const server = (native = true): Scripted =>
  scripted((_, { choice }) => ({ text: `Answer: ${choice.seed() % 7}`, logprob: -2 }), {
    name: 'server',
    native,
    can: { logprobs: true },
  });
const request = (n: number, from = 0): { prompt: [ReturnType<typeof user>]; n: number; from: number } => ({
  prompt: [user('How much is 2 + 2?')],
  n,
  from,
});

const REWRITERS: { readonly [name: string]: Transform } = {
  reRead: reRead(),
  'fewShot from examples': fewShot({ examples: { name: 'two', list: [{ question: '1 + 1?', answer: '2' }] } }),
  'fewShot from the memory': fewShot(),
  'rag without further wordings of the search': rag(),
  'planAndSolve in one draw': planAndSolve({ apart: false }),
  'one over the other': (base) => plus(base, reRead(), rag(), fewShot()),
};

describe.each(Object.entries(REWRITERS))('%s', (_, transform) => {
  it('asks for eight candidates with one call', async () => {
    const base = server();
    const { samples, usage } = await ask(transform(base), request(8), { host });
    expect([samples.length, usage.calls]).toEqual([8, 8]);
    expect(base.calls.map(({ seeds }) => seeds.length)).toEqual([8]);
    expect(new Set(base.calls[0]?.seeds).size).toBe(8);
  });

  it('under a vote of sixteen asks once', async () => {
    const base = server();
    await ask(plus(base, transform, selfConsistency({ n: 16 })), request(1), { host });
    expect(base.calls.map(({ seeds }) => seeds.length)).toEqual([16]);
  });

  it('draws the same together, apart, and on a server that takes one at a time', async () => {
    const texts = async (base: Scripted, n: number, from: number): Promise<unknown[]> =>
      (await ask(transform(base), request(n, from), { host })).samples.map(({ content }) => content);
    const together = await texts(server(), 5, 0);
    expect([...(await texts(server(), 2, 0)), ...(await texts(server(), 3, 2))]).toEqual(together);
    expect(await texts(server(false), 5, 0)).toEqual(together);
  });

  it('marks what a budget cut short, and keeps what came', async () => {
    const { samples, exhausted, usage } = await ask(transform(server()), request(8), { host, budget: { calls: 3 } });
    expect([samples.length, exhausted, usage.calls]).toEqual([3, 'calls', 3]);
  });
});

it('asks for itself in each draw where what is asked is drawn', async () => {
  const base = server();
  await ask(plus(base, planAndSolve()), request(3), { host });
  expect(base.calls).toHaveLength(6);
  expect(new Set(base.calls.flatMap(({ seeds }) => seeds)).size).toBe(6);
});

/** Techniques that ask once for one draw and more often for several, and why. */
const APART: { readonly [name: string]: string } = {
  mixture: 'each draw is of the model that it drew',
  route: 'each draw is of the model that its router names',
  calculator: 'a draw is a conversation, of which this one ends with its first turn',
  react: 'the same',
  selfAsk: 'the same',
};

it('is what every technique does that asks the base once for one draw', async () => {
  const apart: string[] = [];
  for (const technique of techniques.filter(({ definition }) => !definition.needs?.({}).includes('next'))) {
    const { name } = technique.definition;
    const calls = async (n: number): Promise<Scripted['calls']> => {
      const base = server();
      const model: Model | undefined = exampleOf(technique, base)?.model;
      await ask(model as Model, request(n), { host, choice: seeded(1) });
      return base.calls;
    };
    const [one, ...others] = await calls(1);
    if (one?.seeds.length === 1 && others.length === 0 && (await calls(8)).length > 1) apart.push(name);
  }
  expect(apart).toEqual(Object.keys(APART));
});
