import { describe, expect, it } from 'vitest';
import { ask, plus, scorer, textOf } from '../../core/index.ts';
import type { Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { asked, facts, formed, forms, says, whole } from '../test-support/conversation.ts';
import { law } from './lats.law.ts';
import { ANSWER, lats, STEP, VALUE } from './lats.ts';

testLaw(law);

describe('lats', () => {
  const worth: { readonly [thought: string]: string } = {
    guess: '2',
    count: '8',
    'Final answer: 2': '3',
    'Final answer: 3': '10',
  };
  /** Draws `guess` and `count`; counting ends well once a lesson is learnt. */
  const thinker = (): Scripted =>
    says('thinker', (text, _, index) => {
      const steps = /Thoughts (?:so far|on it):\n([\s\S]*?)\n\n/.exec(text)?.[1] ?? '';
      const thought = steps.split('\n').at(-1) as string;
      if (text.includes('number from 0')) return `${worth[thought]}`;
      if (text.includes('went wrong')) return 'Count the cat.';
      if (!text.includes('next thought')) return '{"n":3}';
      if (steps === '') return index === 0 ? 'guess' : 'count';
      return text.includes('- Count the cat.') ? 'Final answer: 3' : 'Final answer: 2';
    });

  it('goes where thoughts are worth most, learns from ends that fail, and answers in form', async () => {
    const model = thinker();
    const { text, sample, usage } = await ask(plus(model, lats({ n: 3, width: 2 })), formed);
    expect([text, facts(sample)]).toMatchObject([
      '{"n":3}',
      { score: 1, thoughts: 6, depth: 2, reflections: ['Count the cat.'] },
    ]);
    const none = { reflections: '', ...whole };
    const seen = asked(model);
    expect(seen.slice(0, 4)).toEqual([
      STEP({ ...none, steps: '' }),
      STEP({ ...none, steps: '' }),
      VALUE({ ...none, steps: 'guess' }),
      VALUE({ ...none, steps: 'count' }),
    ]);
    expect(seen[4]).toBe(STEP({ ...none, steps: 'count' }));
    const learnt = { ...whole, reflections: '- Count the cat.' };
    expect(seen[9]).toBe(STEP({ ...learnt, steps: 'guess' }));
    expect(seen.at(-1)).toBe(ANSWER({ ...none, steps: 'guess\nFinal answer: 3' }));
    expect(usage.calls).toBe(2 + 2 + 2 + 2 + 1 + 2 + 2 + 1);
    expect(forms(model)).toEqual([...Array.from({ length: usage.calls - 1 }, () => false), true]);
  });

  it('goes on from the best thought, whatever else was drawn beside it', async () => {
    const model = says('drawer', (text, _, index) => (text.includes('next thought') && index > 0 ? 'guess' : 'count'));
    const counting = scorer('counting', ({ content }) => Number(textOf(content).endsWith('count')));
    await ask(plus(model, lats({ n: 3, width: 4, threshold: 2, score: counting })), formed);
    const places = ['', 'count', 'count\ncount'].map((steps) => STEP({ reflections: '', ...whole, steps }));
    expect([...new Set(asked(model))].slice(0, 3)).toEqual(places);
  });

  it('shows no more lessons than it may remember: the last ones', async () => {
    const shown = async (memory: number): Promise<readonly string[]> => {
      let lesson = 0;
      const model = says('learner', (text, _, index) => {
        if (text.includes('number from 0')) return '2';
        if (text.includes('went wrong')) return `Lesson ${++lesson}.`;
        return index === 0 ? 'guess' : 'Final answer: 2';
      });
      await ask(plus(model, lats({ n: 4, width: 2, depth: 9, memory })), 'q');
      const steps = asked(model).filter((prompt) => prompt.includes('next thought'));
      return steps.filter((_, i) => i % 2 === 0).map((prompt) => (prompt.match(/Lesson \d/g) ?? []).join(', '));
    };
    expect(await shown(1)).toEqual(['', 'Lesson 1', 'Lesson 2', 'Lesson 3']);
    expect(await shown(2)).toEqual(['', 'Lesson 1', 'Lesson 1, Lesson 2', 'Lesson 2, Lesson 3']);
  });

  it('shows lessons under a heading, and none where there are none', () => {
    const parts = { ...whole, steps: '' };
    expect(STEP({ ...parts, reflections: '- Count.' })).toContain('Lessons from attempts that failed:\n- Count.\n\n');
    expect(VALUE({ ...parts, reflections: '- Count.' })).toContain('Lessons from attempts that failed:\n- Count.\n\n');
    expect(STEP({ ...parts, reflections: '' })).not.toContain('Lessons');
  });

  it('gives the best end as it is where no call is left to write it out', async () => {
    const { text, exhausted } = await ask(plus(thinker(), lats({ n: 3, width: 2 })), 'q', { budget: { calls: 9 } });
    expect([text, exhausted]).toEqual(['Final answer: 2', 'calls']);
  });
});
