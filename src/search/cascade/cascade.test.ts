import { describe, expect, it } from 'vitest';
import { ask, plus, scorer } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { law } from './cascade.law.ts';
import { cascade } from './cascade.ts';

testLaw(law);

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
