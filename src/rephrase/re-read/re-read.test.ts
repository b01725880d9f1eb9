import { expect, it } from 'vitest';
import { ask, assistant, plus, system, user, type Message, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './re-read.law.ts';
import { reRead } from './re-read.ts';

testLaw(law);

async function asked(prompt: readonly Message[]): Promise<readonly Message[]> {
  const inner = enumerable({ answers: { '*': { yes: 1 } } });
  const seen: (readonly Message[])[] = [];
  const base: Model = {
    ...inner,
    sample: (request, context) => (seen.push(request.prompt), inner.sample(request, context)),
  };
  await ask(plus(base, reRead()), { prompt });
  return seen[0] as readonly Message[];
}

it('says the last question twice, and leaves every other part and message as it is', async () => {
  const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
  const last: Message = { role: 'user', content: [{ type: 'text', text: 'How many cats?' }, image] };
  const prompt = [system('Be brief.'), user('Hello'), assistant('Hello!'), last, assistant('There are')];
  expect(await asked(prompt)).toEqual([
    ...prompt.slice(0, 3),
    { role: 'user', content: [...last.content, { type: 'text', text: '\nRead the question again: How many cats?' }] },
    prompt[4],
  ]);
});

it('has nothing to repeat where no text is asked', async () => {
  const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
  for (const prompt of [[system('Speak.')], [{ role: 'user', content: [image] } as const]])
    expect(await asked(prompt)).toEqual(prompt);
});

it('leaves the log-probability of the answer in place', async () => {
  const model = plus(enumerable({ answers: { '*': { yes: 3, no: 1 } } }), reRead());
  const { sample } = await ask(model, 'q');
  expect(model.can.logprobs).toBe(true);
  expect(sample.logprob).toBeCloseTo(
    Math.log(sample.content[0]?.type === 'text' && sample.content[0].text === 'yes' ? 0.75 : 0.25),
    12,
  );
});
