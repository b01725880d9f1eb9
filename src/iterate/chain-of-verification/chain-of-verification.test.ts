import { expect, it } from 'vitest';
import { ask, assistant, plus, questionOf, system, user, type Request } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './chain-of-verification.law.ts';
import { chainOfVerification, PLAN, REVISE, VERIFY } from './chain-of-verification.ts';

testLaw(law);

const answer = ({ prompt }: Request): string => {
  const asked = questionOf(prompt);
  if (asked.startsWith('Which questions')) return 'I would ask:\n1. **Who** was it?\n2) When was it?\nThat is all.';
  if (asked.startsWith('Facts')) return 'the right answer';
  return asked === VERIFY({ check: '**Who** was it?' })
    ? 'Ada '
    : asked.startsWith('Answer briefly')
      ? '1843'
      : 'draft';
};

it('drafts, plans, checks apart from the draft and all at once, and answers in the form of the request', async () => {
  const model = scripted((request) => answer(request));
  const prompt = [system('Be brief.'), user('Hello'), assistant('Hello!'), user('Who and when?')];
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
  const request: Request = { prompt, tools, responseFormat: { type: 'json' }, temperature: 0.3 };
  const { text, sample } = await ask(plus(model, chainOfVerification({ questions: 3 })), request);
  expect([text, sample.providerMetadata?.['plusx']]).toEqual(['the right answer', { checks: 2 }]);
  const findings = 'Q: **Who** was it?\nA: Ada\nQ: When was it?\nA: 1843';
  const apart = (check: string): unknown[] => [...prompt.slice(0, 3), user(VERIFY({ check }))];
  expect(model.calls.map((call) => call.request.prompt)).toEqual([
    prompt,
    [...prompt, assistant('draft'), user(PLAN({ most: '3' }))],
    apart('**Who** was it?'),
    apart('When was it?'),
    [...prompt, assistant('draft'), user(REVISE({ findings }))],
  ]);
  for (const [i, { request: made }] of model.calls.entries()) {
    const isAnswer = i === 0 || i === 4;
    expect(made.temperature).toBe(0.3);
    expect([made.tools, made.responseFormat]).toEqual(isAnswer ? [tools, { type: 'json' }] : [undefined, undefined]);
  }
});

it('has the checks in flight together, asked of the verifier', async () => {
  const flying = { now: 0, most: 0 };
  const verifier = scripted(async (request) => {
    flying.most = Math.max(flying.most, ++flying.now);
    await new Promise((resolve) => setTimeout(resolve, 0));
    flying.now--;
    return answer(request);
  });
  const model = scripted((request) => answer(request));
  await ask(plus(model, chainOfVerification({ verifier })), 'q');
  expect([flying.most, verifier.calls.length, model.calls.length]).toEqual([2, 2, 3]);
});

it('says so where the plan has no question, and keeps the draft', async () => {
  const model = scripted(({ prompt }) => (questionOf(prompt) === 'q' ? 'draft' : 'It is fine, I think.'));
  const { text, warnings, usage } = await ask(plus(model, chainOfVerification()), 'q');
  expect([text, usage.calls, warnings.map(({ code }) => code)]).toEqual(['draft', 2, ['no-verification-question']]);
});

it.each([
  [1, 'draft', 0],
  [2, 'draft', 0],
  [3, 'draft', 1],
  [4, 'draft', 2],
  [5, 'the right answer', 2],
])('with %i calls to spend gives the best so far', async (calls, best, checks) => {
  const model = plus(
    scripted((request) => answer(request)),
    chainOfVerification(),
  );
  const { text, sample, exhausted } = await ask(model, 'q', { budget: { calls } });
  expect([text, exhausted]).toEqual([best, calls < 5 ? 'calls' : undefined]);
  expect(sample.providerMetadata?.['plusx']).toMatchObject({ checks });
});
