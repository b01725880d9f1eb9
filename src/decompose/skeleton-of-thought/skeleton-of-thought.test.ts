import { expect, it } from 'vitest';
import { ask, plus, questionOf } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { formed, prompt, replies } from '../shared/test-support/asking.ts';
import { law } from './skeleton-of-thought.law.ts';
import { skeletonOfThought } from './skeleton-of-thought.ts';

testLaw(law);

it('writes the points at once and joins them in their order', async () => {
  let open = 0;
  let most = 0;
  const model = scripted(async ({ prompt: got }) => {
    const text = questionOf(got);
    if (text.includes('only the skeleton')) return '1. Start\n2. Middle\n3. End';
    most = Math.max(most, ++open);
    const point = /number: (\d)/.exec(text)?.[1];
    await new Promise((resolve) => setTimeout(resolve, 8 - 2 * Number(point)));
    open--;
    return `text ${point}`;
  });
  const { text, usage } = await ask(plus(model, skeletonOfThought()), 'How?');
  expect([text, most, usage.calls]).toEqual(['1. text 1\n\n2. text 2\n\n3. text 3', 3, 4]);
});

it('answers in one draw where the form of the answer has no points', async () => {
  const model = replies({ 'How many?': '{}' });
  const { warnings, usage } = await ask(plus(model, skeletonOfThought()), formed);
  expect([warnings[0]?.code, usage.calls, model.calls[0]?.request.prompt]).toEqual(['no-skeleton', 1, prompt]);
});
