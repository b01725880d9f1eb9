import { expect, it } from 'vitest';
import { ask, plus, questionOf, system, type Message } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './rephrase-and-respond.law.ts';
import { REPHRASE, rephraseAndRespond, RESPOND } from './rephrase-and-respond.ts';

testLaw(law);

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
  const model = scripted(() => 'text');
  await ask(plus(model, rephraseAndRespond()), request);
  const [last, ...before] = model.calls.map((call) => call.request).toReversed();
  expect(last).toMatchObject({ responseFormat: request.responseFormat, tools });
  for (const one of before)
    expect([one.responseFormat, one.tools, one.toolChoice]).toEqual([undefined, undefined, undefined]);
});
