import { expect, it } from 'vitest';
import { ask, plus, questionOf, system, user, type Answer, type Message, type Request } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './paraphrase.law.ts';
import { paraphrase, REWORD } from './paraphrase.ts';

testLaw(law);

const facts = ({ sample }: Answer): unknown => sample.providerMetadata?.['plusx'];
const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'how many' }, image] },
];
/** Rewords by the number in its address, and answers by the question. */
const model = (answers: { readonly [question: string]: string }): Scripted =>
  scripted(({ prompt: got }, { path, index }) => {
    const asked = questionOf(got);
    const wording = /wording\/(\d+)/.exec(path)?.[1];
    if (asked === REWORD({ question: 'how many' })) return ` wording ${wording} \n`;
    return answers[asked] ?? answers[`${asked} ${index}`] ?? '';
  });

it('asks in other words, keeps images and settings, and votes', async () => {
  const base = model({ 'how many': '3', 'wording 1': 'Answer: 4', 'wording 2': '\\boxed{4}' });
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
  const request: Request = { prompt, tools, responseFormat: { type: 'text' }, temperature: 0.7 };
  const answer = await ask(plus(base, paraphrase({ n: 2 })), request);
  expect([answer.text, answer.sample.answer, answer.usage.calls]).toEqual(['Answer: 4', '4', 5]);
  expect(facts(answer)).toEqual({ votes: { '4': 2, '3': 1 }, share: 2 / 3, abstained: 0, samples: 3 });
  for (const { request: made } of base.calls) {
    expect(made.prompt[0]).toEqual(prompt[0]);
    expect([made.prompt[1]?.content.at(-1), made.temperature]).toEqual([image, 0.7]);
    const isAnswer = !questionOf(made.prompt).startsWith('Say the question');
    expect(made.tools).toEqual(isAnswer ? tools : undefined);
  }
});

it('answers each wording several times, the question as it stands first in a tie', async () => {
  const base = model({ 'how many 0': 'b', 'how many 1': 'a', 'wording 1 0': 'a', 'wording 1 1': 'b' });
  const answer = await ask(plus(base, paraphrase({ n: 1, draws: 2 })), { prompt });
  expect([answer.text, facts(answer)]).toMatchObject(['b', { votes: { a: 2, b: 2 }, samples: 4 }]);
});

it('has another model reword, and answers with the first where nobody has an answer', async () => {
  const [base, rephraser] = [scripted(() => 'no\nidea'), scripted(() => 'anew')];
  const answer = await ask(plus(base, paraphrase({ n: 3, rephraser })), { prompt: [user('q')] });
  expect([base.calls.length, rephraser.calls.length, answer.sample.answer]).toEqual([4, 3, null]);
  expect(answer.warnings.map(({ code }) => code)).toEqual(['no-answer']);
});

it('votes over what a budget allows', async () => {
  const base = model({ 'how many': '3', 'wording 1': '4', 'wording 2': '4' });
  const answer = await ask(plus(base, paraphrase({ n: 2 })), { prompt }, { budget: { calls: 4 } });
  expect([answer.text, answer.exhausted, facts(answer)]).toMatchObject(['3', 'calls', { samples: 2 }]);
});
