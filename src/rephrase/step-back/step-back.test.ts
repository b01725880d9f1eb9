import { expect, it } from 'vitest';
import { ask, plus, questionOf, system, textOf, type Message } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './step-back.law.ts';
import { ANSWER, STEP_BACK, stepBack } from './step-back.ts';

testLaw(law);

const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'wat is it' }, image] },
];
const asked = ({ calls }: ReturnType<typeof scripted>): readonly (readonly Message[])[] =>
  calls.map(({ request }) => request.prompt);

it('steps back, answers the general question, and puts both before the question', async () => {
  const model = scripted(({ prompt: got }) => {
    const question = questionOf(got);
    return question.startsWith('Take a step back')
      ? 'What are pets?'
      : question === 'What are pets?'
        ? 'Animals.'
        : 'a cat';
  });
  const { sample } = await ask(plus(model, stepBack()), { prompt });
  expect(textOf(sample.content)).toBe('a cat');
  expect(asked(model).map(questionOf)).toEqual([
    STEP_BACK({ question: 'wat is it' }),
    'What are pets?',
    ANSWER({ question: 'wat is it', general: 'What are pets?', principle: 'Animals.' }),
  ]);
});

it('asks for prose on the way, and for the form and the tools of the request at the end', async () => {
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
  const request = { prompt, responseFormat: { type: 'json' as const }, tools, toolChoice: { type: 'auto' as const } };
  const model = scripted(() => 'text');
  await ask(plus(model, stepBack()), request);
  const [last, ...before] = model.calls.map((call) => call.request).toReversed();
  expect(last).toMatchObject({ responseFormat: request.responseFormat, tools });
  for (const one of before)
    expect([one.responseFormat, one.tools, one.toolChoice]).toEqual([undefined, undefined, undefined]);
});
