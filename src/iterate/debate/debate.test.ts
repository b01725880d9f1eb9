import { expect, it } from 'vitest';
import { ask, assistant, plus, questionOf, UpstreamError, user, type Answer, type Request } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './debate.law.ts';
import { debate, REPLY } from './debate.ts';

testLaw(law);

const facts = ({ sample }: Answer): unknown => sample.providerMetadata?.['plusx'];
/** Answers by who speaks and in which round, told from the address. */
const speakers = (said: { readonly [place: string]: string }): ReturnType<typeof scripted> =>
  scripted((_, { path }) => {
    const [, round, agent] = /round\/(\d+) > agent\/(\d+)/.exec(path) as RegExpExecArray;
    return said[`${round}.${agent}`] ?? 'No\nidea';
  });

it('shows every agent the answers of the others, not its own, and votes on what they end with', async () => {
  const model = speakers({
    '1.0': 'Answer: 3',
    '1.1': 'Answer: 4',
    '1.2': 'Answer: 5',
    '2.0': 'Answer: 4',
    '2.1': '4.',
  });
  const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
  const request: Request = { prompt: [user('q')], tools, temperature: 0.2 };
  const answer = await ask(plus(model, debate()), request);
  expect([answer.text, answer.sample.answer, facts(answer)]).toEqual([
    'Answer: 4',
    '4',
    { votes: { '4': 2 }, share: 1, abstained: 1, agents: 3 },
  ]);
  const heard = (own: number, ...others: readonly number[]): unknown => [
    user('q'),
    assistant(`Answer: ${own}`),
    user(REPLY({ answers: others.map((other, i) => `Answer ${i + 1}:\nAnswer: ${other}`).join('\n\n') })),
  ];
  expect(model.calls.map((call) => call.request.prompt)).toEqual([
    ...Array.from({ length: 3 }, () => [user('q')]),
    heard(3, 4, 5),
    heard(4, 3, 5),
    heard(5, 3, 4),
  ]);
  for (const call of model.calls) expect(call.request).toMatchObject({ tools, temperature: 0.2 });
});

it('gives a tie to the first agent, and the first text where nobody has an answer', async () => {
  const tie = speakers({ '1.0': 'b', '1.1': 'a', '1.2': 'a', '1.3': 'b' });
  expect((await ask(plus(tie, debate({ agents: 4, rounds: 1 })), 'q')).text).toBe('b');
  const none = await ask(plus(speakers({}), debate({ rounds: 1 })), 'q');
  expect([none.text, none.sample.answer, none.warnings.map(({ code }) => code)]).toEqual([
    'No\nidea',
    null,
    ['no-answer'],
  ]);
});

it('has models take turns with the base', async () => {
  const [base, other] = [speakers({ '1.0': 'a', '1.2': 'a' }), speakers({ '1.1': 'b' })];
  const model = plus(base, debate({ models: [other], rounds: 1 }));
  const answer = await ask(model, 'q');
  expect([answer.text, base.calls.length, other.calls.length]).toEqual(['a', 2, 1]);
});

it('is the base with one agent', async () => {
  const { text, usage } = await ask(plus(scripted(['a']), debate({ agents: 1, rounds: 5 })), 'q');
  expect([text, usage.calls]).toEqual(['a', 1]);
});

it.each([
  [1, 'a', { a: 1 }],
  [2, 'a', { a: 1, b: 1 }],
  [3, 'b', { a: 1, b: 2 }],
  [4, 'b', { b: 2, c: 1 }],
  [5, 'c', { b: 1, c: 2 }],
  [6, 'c', { c: 3 }],
])('with %i calls to spend gives the vote over the answers that stand', async (calls, best, votes) => {
  const said = { '1.0': 'a', '1.1': 'b', '1.2': 'b', '2.0': 'c', '2.1': 'c', '2.2': 'c' };
  const answer = await ask(plus(speakers(said), debate()), 'q', { budget: { calls } });
  expect([answer.text, answer.exhausted]).toEqual([best, calls < 6 ? 'calls' : undefined]);
  expect(facts(answer)).toMatchObject({ votes });
});

it('goes on with the last answer of an agent whose model is out of reach', async () => {
  const lost = new UpstreamError({ url: 'http://model', status: 503, body: '', retryable: true });
  const model = scripted(({ prompt }, { path }) =>
    prompt.length === 1 ? 'a' : path.includes('agent/1') ? lost : questionOf(prompt).slice(0, 6),
  );
  const answer = await ask(plus(model, debate()), 'q');
  expect([answer.text, facts(answer)]).toMatchObject(['Others', { votes: { Others: 2, a: 1 }, agents: 3 }]);
  expect(answer.warnings.map(({ code }) => code)).toEqual(['candidate-lost']);
});
