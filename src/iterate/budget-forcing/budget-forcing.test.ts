import { describe, expect, it } from 'vitest';
import { ask, assistant, InvalidOption, plus, user, type Answer, type Request } from '../../core/index.ts';
import { tiny } from '../../models/tiny/index.ts';
import { scripted, type Scripted, type Step } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './budget-forcing.law.ts';
import { AGAIN, budgetForcing, FINISH } from './budget-forcing.ts';

testLaw(law);

const facts = ({ sample }: Answer): unknown => sample.providerMetadata?.['plusx'];
const said = (text: string, outputTokens: number, finish: 'stop' | 'length' = 'stop'): Step => ({
  text,
  finish,
  usage: { outputTokens },
});
/** A model that writes on after a prefix with the next step, and keeps the prefixes. */
function writer(steps: readonly Step[]): { readonly model: Scripted; readonly prefixes: (string | undefined)[] } {
  const prefixes: (string | undefined)[] = [];
  const model = scripted(
    (_, { prefix }) => {
      const step = steps[prefixes.length] as Step;
      prefixes.push(prefix);
      return typeof step === 'object' && 'text' in step ? { ...step, text: `${prefix ?? ''}${step.text}` } : step;
    },
    { can: { continueFrom: true } },
  );
  return { model, prefixes };
}

describe('budgetForcing of a model that continues', () => {
  it('writes "Wait" and goes on until there are enough tokens', async () => {
    const { model, prefixes } = writer([said('It is 4. ', 3), said(', or 5.', 4), said(': 5.', 10), said('', 0)]);
    const answer = await ask(plus(model, budgetForcing({ minTokens: 8, maxTokens: 100, waits: 9 })), 'q');
    expect(answer.text).toBe('It is 4.\nWait, or 5.\nWait: 5.');
    expect(prefixes).toEqual([undefined, 'It is 4.\nWait', 'It is 4.\nWait, or 5.\nWait']);
    expect(model.calls.map(({ request }) => request.maxOutputTokens)).toEqual([100, 97, 93]);
    expect([facts(answer), answer.warnings]).toEqual([{ waits: 2, forced: false, tokens: 17 }, []]);
  });

  it('cuts at the limit and forces an answer', async () => {
    const { model, prefixes } = writer([said('It is', 5), said(' now that', 5, 'length'), said(' 4', 1)]);
    const forcing = budgetForcing({ minTokens: 10, maxTokens: 10, answerTokens: 7, final: 'Answer:' });
    const answer = await ask(plus(model, forcing), 'q');
    expect(answer.text).toBe('It is\nWait now that\nAnswer: 4');
    expect([prefixes.length, model.calls.at(-1)?.request.maxOutputTokens]).toEqual([3, 7]);
    expect(facts(answer)).toEqual({ waits: 1, forced: true, tokens: 11 });
  });

  it('keeps to the tokens that the request allows, and does not force what the request cut', async () => {
    const request = (maxOutputTokens: number): Request => ({ prompt: [user('q')], maxOutputTokens });
    const forcing = budgetForcing({ minTokens: 5, maxTokens: 10 });
    const cut = writer([said('It is', 4, 'length')]);
    expect(facts(await ask(plus(cut.model, forcing), request(4)))).toMatchObject({ waits: 0, forced: false });
    const full = writer([said('It is', 3), said(' that', 7, 'length'), said(' 4', 2)]);
    expect(facts(await ask(plus(full.model, forcing), request(12)))).toMatchObject({ forced: true });
    expect(full.model.calls.map(({ request: { maxOutputTokens } }) => maxOutputTokens)).toEqual([10, 7, 2]);
  });

  it('counts characters where the model reports no tokens, and says so', async () => {
    const { model } = writer([
      { text: '12345678', usage: 'unknown' },
      { text: '90', usage: 'unknown' },
    ]);
    const answer = await ask(plus(model, budgetForcing({ minTokens: 4, waits: 1 })), 'q');
    expect([facts(answer), answer.warnings.map(({ code }) => code)]).toEqual([
      { waits: 1, forced: false, tokens: 4 },
      ['tokens-unknown'],
    ]);
  });

  it('forces an answer out of the embedded model in the middle of its steps', async () => {
    const asked =
      'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?\nSolve it step by step.';
    const forcing = budgetForcing({ minTokens: 0, maxTokens: 4, answerTokens: 8 });
    const answer = await ask(plus(tiny(), forcing), { prompt: [user(asked)], temperature: 0 });
    expect(answer.text).toMatch(/^14\+2\nAnswer: \d+/);
    expect(facts(answer)).toEqual({ waits: 0, forced: true, tokens: answer.usage.outputTokens });
    expect(answer.usage.outputTokens).toBeLessThanOrEqual(4 + 8);
  });

  it('leaves a tool call alone', async () => {
    const { model } = writer([{ toolCalls: [{ toolName: 'look', input: {} }] }]);
    expect((await ask(plus(model, budgetForcing()), 'q')).usage.calls).toBe(1);
  });
});

describe('budgetForcing of a chat model', () => {
  it('goes on in turns, says so, and answers with the last', async () => {
    const model = scripted([said('4', 1), said('5, or', 9, 'length'), said('5', 1)]);
    const answer = await ask(plus(model, budgetForcing({ minTokens: 2, maxTokens: 10 })), 'q');
    expect([answer.text, facts(answer)]).toEqual(['5', { waits: 1, forced: true, tokens: 11 }]);
    expect(answer.warnings.map(({ code }) => code)).toEqual(['no-continuation']);
    expect(model.calls.at(-1)?.request.prompt).toEqual([
      user('q'),
      assistant('4'),
      user(AGAIN()),
      assistant('5, or'),
      user(FINISH()),
    ]);
  });

  it('says nothing where there is nothing to go on with', async () => {
    const answer = await ask(plus(scripted([said('4', 9)]), budgetForcing({ minTokens: 2 })), 'q');
    expect([answer.text, answer.warnings]).toEqual(['4', []]);
  });

  it.each([
    [1, '4'],
    [2, '5'],
  ])('with %i calls to spend gives the text so far', async (calls, text) => {
    const model = scripted([said('4', 1), said('5', 1), said('6', 1)]);
    const answer = await ask(plus(model, budgetForcing({ minTokens: 9 })), 'q', { budget: { calls } });
    expect([answer.text, answer.exhausted]).toEqual([text, 'calls']);
  });
});

it('refuses bounds that cross', () => {
  expect(() => budgetForcing({ minTokens: 5, maxTokens: 4 })).toThrow(InvalidOption);
});
