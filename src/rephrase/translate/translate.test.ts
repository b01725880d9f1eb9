import { expect, it } from 'vitest';
import { ask, plus, questionOf, system, user, type Answer, type Request } from '../../core/index.ts';
import { scripted, type Step } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './translate.law.ts';
import { BACK, BOTH, THERE, translate } from './translate.ts';

testLaw(law);

const facts = ({ sample }: Answer): unknown => sample.providerMetadata?.['plusx'];
const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
const request: Request = {
  prompt: [system('Sei kurz.'), user('Wie viele?')],
  tools,
  toolChoice: { type: 'auto' },
  responseFormat: { type: 'json' },
};
const base = (answer: Step = '{"n":"two"}'): ReturnType<typeof scripted> =>
  scripted(({ prompt }) => {
    const asked = questionOf(prompt);
    return asked.startsWith('Translate') ? ' How many?\n' : asked.startsWith('A question') ? '{"n":"zwei"}' : answer;
  });
const asked = ({ calls }: ReturnType<typeof scripted>): string[] =>
  calls.map(({ request: { prompt } }) => questionOf(prompt));

it('translates, answers, and translates the answer back in the form of the request', async () => {
  const model = base();
  const answer = await ask(plus(model, translate()), request);
  expect([answer.text, facts(answer)]).toEqual(['{"n":"zwei"}', { translated: 'How many?' }]);
  expect(asked(model)).toEqual([
    THERE({ question: 'Wie viele?', language: 'English' }),
    'How many?',
    BACK({ question: 'Wie viele?', answer: '{"n":"two"}' }),
  ]);
  const made = model.calls.map((call) => [call.request.tools, call.request.toolChoice, call.request.responseFormat]);
  expect(made).toEqual([
    [undefined, undefined, undefined],
    [tools, request.toolChoice, request.responseFormat],
    [undefined, undefined, request.responseFormat],
  ]);
  for (const call of model.calls) expect(call.request.prompt[0]).toEqual(request.prompt[0]);
});

it('answers in the language of the question at once, with both versions in view', async () => {
  const model = base();
  const answer = await ask(plus(model, translate({ reply: 'direct', language: 'Latin' })), request);
  expect([answer.text, answer.usage.calls]).toEqual(['{"n":"two"}', 2]);
  expect(asked(model)[1]).toBe(BOTH({ question: 'Wie viele?', translated: 'How many?', language: 'Latin' }));
});

it('leaves a tool call as it is', async () => {
  const model = base({ toolCalls: [{ toolName: 'look', input: { at: 'sky' } }] });
  const { sample, usage } = await ask(plus(model, translate()), request);
  expect([sample.content[0]?.type, usage.calls]).toEqual(['tool-call', 2]);
});

it('answers the question as it stands where there is no translation', async () => {
  const model = scripted(({ prompt }) => (questionOf(prompt).startsWith('Translate') ? ' ' : 'zwei'));
  expect([(await ask(plus(model, translate()), request)).text, asked(model)[1]]).toEqual(['zwei', 'Wie viele?']);
});

it('has another model translate, and keeps the answer that a budget lets nobody translate back', async () => {
  const translator = base();
  const answer = await ask(plus(scripted(['two']), translate({ translator })), request, { budget: { calls: 2 } });
  expect([answer.text, answer.exhausted, translator.calls.length]).toEqual(['two', 'calls', 1]);
});
