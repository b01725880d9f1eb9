import { expect, it } from 'vitest';
import { ask, plus, questionOf, system, textOf, type Message, type Model } from '../../core/index.ts';
import { scripted } from '../../models/written/scripted.ts';
import { REPHRASE, rephraseAndRespond, RESPOND } from '../rephrase-and-respond/rephrase-and-respond.ts';
import { ANSWER, STEP_BACK, stepBack } from '../step-back/step-back.ts';

const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'wat is it' }, image] },
];
const asked = ({ calls }: ReturnType<typeof scripted>): readonly (readonly Message[])[] =>
  calls.map(({ request }) => request.prompt);

it('asks for a rephrasing, then answers with both versions, images and system kept', async () => {
  const model = scripted(({ prompt: got }) => (questionOf(got).startsWith('Rephrase') ? 'What is it?' : 'a cat'));
  const { text, sample } = await ask(plus(model, rephraseAndRespond()), { prompt });
  expect([text, sample.providerMetadata?.['plusx']]).toMatchObject(['a cat', { rephrased: 'What is it?' }]);
  expect(asked(model).map(questionOf)).toEqual([
    REPHRASE({ question: 'wat is it' }),
    RESPOND({ question: 'wat is it', rephrased: 'What is it?' }),
  ]);
  for (const messages of asked(model)) expect([messages[0], messages[1]?.content.at(-1)]).toEqual([prompt[0], image]);
});

it('answers the question as it stands where the rephrasing is empty', async () => {
  const model = scripted(({ prompt: got }) => (questionOf(got).startsWith('Rephrase') ? ' ' : 'a cat'));
  await ask(plus(model, rephraseAndRespond()), { prompt });
  expect(asked(model)[1]).toEqual(prompt);
});

it('asks for prose on the way, and for the form and the tools of the request at the end', async () => {
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
  const request = { prompt, responseFormat: { type: 'json' as const }, tools, toolChoice: { type: 'auto' as const } };
  for (const technique of [rephraseAndRespond(), stepBack()]) {
    const model = scripted(() => 'text');
    await ask(plus(model, technique), request);
    const [last, ...before] = model.calls.map((call) => call.request).toReversed();
    expect(last).toMatchObject({ responseFormat: request.responseFormat, tools });
    for (const one of before)
      expect([one.responseFormat, one.tools, one.toolChoice]).toEqual([undefined, undefined, undefined]);
  }
});

it('steps back, answers the general question, and puts both before the question', async () => {
  const model: Model & ReturnType<typeof scripted> = scripted(({ prompt: got }) => {
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
