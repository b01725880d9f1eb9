import { describe, expect, it } from 'vitest';
import { ask, plus, rootScope, toRequest } from '../../core/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { share, THREE_LETTERS, tokenwise } from '../shared/tokenwise.law.ts';
import { asked, guided, law } from './classifier-free-guidance.law.ts';
import { classifierFreeGuidance } from './classifier-free-guidance.ts';

testLaw(law);

describe('classifierFreeGuidance', () => {
  it('at 1.5 moves the base far', async () => {
    expect(totalVariation(await exact(asked), tokenwise(guided(1.5)))).toBeGreaterThan(0.02);
  });

  it('counts both prompts', async () => {
    const { usage, text } = await ask(plus(asked, classifierFreeGuidance({ without: 'abc' })), 'question');
    expect(usage).toMatchObject({ calls: 1, inputTokens: 8 + 3, outputTokens: 2 * text.length });
  });

  it('opens to the guided process', async () => {
    const { context, close } = rootScope();
    const opened = await plus(asked, classifierFreeGuidance({ scale: 1 })).open?.(toRequest('question'), context);
    const first = [...((await opened?.next()) ?? [])].map(Math.exp);
    close();
    share(THREE_LETTERS.next([], [])).forEach((p, v) => expect(first[v]).toBeCloseTo(p, 12));
  });
});
