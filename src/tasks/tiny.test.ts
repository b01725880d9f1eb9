import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ask, questionOf } from '../core/index.ts';
import { scripted } from '../models/written/index.ts';
import { loadTask, tinyTask } from './index.ts';
import { TINY_TASKS } from './tiny-names.ts';
import { countdown, equations, solves } from './verifiers.ts';

/** The side of the split a key is on: one in sixteen is never trained on. */
const isHeldOut = (key: string): boolean => (createHash('sha256').update(key).digest()[0] as number) % 16 === 0;

describe('held-out questions', () => {
  it.each(Object.keys(TINY_TASKS))('tiny:%s has at least 200, each once', async (name) => {
    const { items } = await loadTask(`tiny:${name}`);
    expect(items.length).toBeGreaterThanOrEqual(200);
    expect(new Set(items.map(({ request }) => questionOf(request.prompt))).size).toBe(items.length);
  });

  it.each([
    [
      'countdown',
      (q: string) => [
        `game ${(/Numbers: (.*)/.exec(q)?.[1] ?? '')
          .split(' ')
          .map(Number)
          .toSorted((a, b) => a - b)
          .join(' ')} -> ${/Target: (.*)/.exec(q)?.[1]}`,
      ],
    ],
    [
      'message',
      (q: string) => [/that the (.+) (?:is|are) (.+)\.$/.exec(q)].map((found) => `message ${found?.[1]} ${found?.[2]}`),
    ],
    ['strange', (q: string) => [String(/has to ([a-z]+) /.exec(q)?.[1])]],
    [
      'passage',
      (q: string) =>
        [...q.matchAll(/(?:^Passage: |\. )([A-Z][a-z]+) (?:lives|works|has|likes) /g)].map(([, name]) =>
          String(name).toLowerCase(),
        ),
    ],
  ])('the keys of tiny:%s are on the side that is not trained on', async (name, keysOf) => {
    const keys = (await tinyTask(name)).items.flatMap(({ request }) => keysOf(questionOf(request.prompt)));
    expect(keys.length).toBeGreaterThanOrEqual(200);
    expect(keys.filter((key) => !isHeldOut(key))).toEqual([]);
  });

  it('come with what is there to be looked up', async () => {
    expect((await tinyTask('strange')).notes.length).toBeGreaterThanOrEqual(200);
    expect((await tinyTask('rare')).pages.length).toBe(600);
    expect((await tinyTask('steps')).notes).toEqual([]);
  });
});

describe('verifiers', () => {
  const verdict = async (scorer: typeof equations, text: string, question = ''): Promise<unknown> => {
    const { sample } = await ask(
      scripted(() => ({ text })),
      question,
    );
    return scorer.score(
      sample,
      { prompt: [{ role: 'user', content: [{ type: 'text', text: question }] }] },
      undefined as never,
    );
  };

  it.each([
    ['14+23=37\n37-9=28\nAnswer: 28', 1],
    ['14+23=38\nAnswer: 38', 0],
    ['7*8=56 and 56/8=7', 1],
    ['9/2=4', 0],
    ['no equation', 0],
    ['1.5+1=2.5', 0],
  ])('%j has true equations: %i', async (text, expected) => expect(await verdict(equations, text)).toBe(expected));

  it.each([
    ['5*2=10 left 12 9 10\n12-9=3 left 10 3\n10+3=13', 13, true],
    ['5*2=10 (left: 12 9 10)\n12-9=3\n10+3=13', 13, true],
    ['5*2=10\n12-9=3\n10+3=13', 14, false],
    ['5*2=10\n10+9=19', 19, false],
    ['5*2=11\n12-9=3\n11+3=14', 14, false],
    ['5*5=25\n12-9=3\n25+3=28', 28, false],
  ])('%j reaches %i: %s', (text, target, expected) =>
    expect(solves(text, { numbers: [5, 2, 12, 9], target })).toBe(expected),
  );

  it('reads the game from the question', async () => {
    const game = 'Numbers: 5 2 12 9\nTarget: 13\nReach the target.';
    expect(await verdict(countdown, '5*2=10\n12-9=3\n10+3=13', game)).toBe(1);
    expect(await verdict(countdown, '5*2=10\n12-9=3\n10+3=13', 'What?')).toBe(0);
  });
});
