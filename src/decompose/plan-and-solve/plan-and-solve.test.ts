import { expect, it } from 'vitest';
import { ask, plus } from '../../core/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { facts, formed, replies } from '../shared/test-support/asking.ts';
import { law } from './plan-and-solve.law.ts';
import { planAndSolve } from './plan-and-solve.ts';

testLaw(law);

it('plans in prose and solves in form, or does both in one draw', async () => {
  const model = replies({ 'Reply with the plan only': 'count', 'Carry out the plan': '3' });
  const { text, sample } = await ask(plus(model, planAndSolve()), formed);
  expect([text, facts(sample)]).toMatchObject(['3', { plan: 'count' }]);
  expect(model.calls.map(({ request }) => request.responseFormat)).toEqual([undefined, formed.responseFormat]);
  const once = replies({ 'Then carry out': '4' });
  expect((await ask(plus(once, planAndSolve({ apart: false })), formed)).usage.calls).toBe(1);
  expect(() => planAndSolve({ apart: false, planner: model })).toThrow(/planner goes with apart=true/);
});
