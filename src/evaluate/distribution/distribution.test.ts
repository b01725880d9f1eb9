import { expect, it } from 'vitest';
import { rootScope, user } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { exactDistribution, sampledDistribution, spelledAs, type Distribution } from './distribution.ts';

const request = { prompt: [user('How many?')] };

/** What a model that says these things answers, with numbers read from them. */
async function of(answers: { readonly [text: string]: number }, draws?: number): Promise<Distribution> {
  const { context, close } = rootScope({ seed: 1 });
  const model = enumerable({ answers: { '*': answers } });
  const found = draws
    ? await sampledDistribution(model, request, context, { n: draws, batch: 5, format: 'number' })
    : await exactDistribution(model, request, { context, format: 'number', limit: 100 });
  close();
  if (!found) throw new Error('more paths than it may visit');
  return found;
}

const told = ({ answers }: Distribution): unknown =>
  answers.map(({ answer, probability }) => [answer, Number(probability.toFixed(6))]);

it.each([undefined, 40])('no answer comes last, however probable it is (%s draws)', async (draws) => {
  const found = await of({ 'I do not know.': 6, 'It is 3.': 1, 'It is 4.': 3 }, draws);
  expect(found.answers.map(({ answer }) => answer)).toEqual(['4', '3', null]);
});

it('what an answer takes is the mean over all paths, and unknown where it is unknown on one', async () => {
  const found = await of({ 'It is 3.': 1, 'It is 4.': 3 });
  expect([found.callsPerAnswer, found.usdPerAnswer]).toEqual([1, 0]);
  expect(found.tokensPerAnswer).toBeGreaterThan(1);
  const model = enumerable({ answers: { '*': { 'It is 3.': 1, 'It is 4.': 3 } } });
  const silent: typeof model = {
    ...model,
    async sample(asked, context) {
      const sampled = await model.sample(asked, context);
      return { ...sampled, usage: { ...sampled.usage, outputTokens: undefined } };
    },
  };
  const { context, close } = rootScope({ seed: 1 });
  const unknown = await exactDistribution(silent, request, { context, format: 'number', limit: 100 });
  close();
  expect(unknown).toMatchObject({ callsPerAnswer: 1, tokensPerAnswer: undefined, usdPerAnswer: 0 });
});

it('an answer that another distribution has is spelled as it is there, and of two such the first', async () => {
  const [first, second] = [await of({ 'It is 1000.': 1, 'No idea.': 1 }), await of({ 'It is 7.': 1, 'No idea.': 3 })];
  const shares = (...answers: readonly (string | null)[]): Distribution => ({
    ...second,
    answers: answers.map((answer) => ({ answer, probability: 1 / answers.length, ci95: undefined })),
  });
  const spelled = (own: Distribution): unknown =>
    spelledAs(first, own, request, 'number').answers.map(({ answer }) => answer);
  expect(told(first)).toEqual([
    ['1000', 0.5],
    [null, 0.5],
  ]);
  expect(spelled(shares('1,000', '7', null))).toEqual(['1000', '7', null]);
  expect(spelled(shares('1,000.0', '1,000', null))).toEqual(['1000', '1,000', null]);
  expect(spelledAs(second, second, request, 'number')).toEqual(second);
});
