import { describe, expect, it } from 'vitest';
import {
  ask,
  assistant,
  InvalidOption,
  parse,
  plus,
  questionOf,
  user,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './critic.law.ts';
import { CORRECT, CRITIQUE, critic } from './critic.ts';

testLaw(law);

const WRONG = '14+23=38\n38-9=29\nAnswer: 29';
const RIGHT = '14+23=37\n37-9=28\nAnswer: 28';
const author = (...more: readonly string[]): ReturnType<typeof scripted> => scripted([WRONG, ...more]);
const facts = ({ providerMetadata }: Sample): unknown => providerMetadata?.['plusx'];
const lastSaid = ({ calls }: ReturnType<typeof scripted>): string => questionOf(calls.at(-1)?.request.prompt ?? []);

describe('critic with equations', () => {
  it('names each wrong equation without its value, and stops once all hold', async () => {
    const model = author(RIGHT);
    const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
    const request: Request = { prompt: [user('q')], tools, temperature: 0.5 };
    const { text, sample, usage } = await ask(plus(model, critic({ check: 'equations', rounds: 3 })), request);
    expect([text, usage.calls, facts(sample)]).toEqual([RIGHT, 2, { rounds: 1, passed: true }]);
    expect(model.calls[1]?.request).toMatchObject({
      tools,
      temperature: 0.5,
      prompt: [user('q'), assistant(WRONG), user(CORRECT({ critique: '14+23 = 38 is wrong.' }))],
    });
  });

  it('tells the value where asked to', async () => {
    const model = author(RIGHT);
    await ask(plus(model, critic({ check: 'equations', reveal: true })), 'q');
    expect(lastSaid(model)).toBe(CORRECT({ critique: '14+23 = 38 is wrong: 14+23 is 37.' }));
  });

  it('gives up after its rounds, and does not claim that the last correction passed', async () => {
    const { text, sample, usage } = await ask(plus(author(WRONG, RIGHT), critic({ check: 'equations' })), 'q');
    expect([text, usage.calls, facts(sample)]).toEqual([RIGHT, 3, { rounds: 2, passed: null }]);
  });

  it('is a formula without any code of the caller', async () => {
    const model = (): Model => author(RIGHT);
    const parsed = parse('scripted + critic(check="equations", rounds=1)', { techniques: [critic], model });
    expect(parsed.name).toBe('scripted + critic(check="equations", rounds=1)');
    expect((await ask(parsed, 'q')).text).toBe(RIGHT);
    expect(() => parse('scripted + critic(check="equation")', { techniques: [critic], model })).toThrow(
      'Did you mean `equations`?',
    );
  });
});

describe('critic', () => {
  it('takes a check of the caller, who sees the candidate and the request', async () => {
    const seen: unknown[] = [];
    const check = (sample: Sample, request: Request): string | undefined => {
      seen.push([sample.content, request.prompt]);
      return seen.length === 1 ? ' too long \n' : undefined;
    };
    const model = author('ok');
    const { text, sample } = await ask(plus(model, critic({ check })), 'q');
    expect([text, lastSaid(model), facts(sample)]).toEqual([
      'ok',
      CORRECT({ critique: 'too long' }),
      { rounds: 1, passed: true },
    ]);
    expect(seen).toEqual([WRONG, 'ok'].map((said) => [[{ type: 'text', text: said }], [user('q')]]));
  });

  it.each([
    [0.5, 'A check rates this answer 0.5, and it must reach 0.6.'],
    [Number.NaN, 'A check could not rate this answer.'],
  ])('takes a scorer that says %f', async (value, critique) => {
    const model = author(RIGHT);
    const score = ({ content }: Sample): number => (JSON.stringify(content).includes('28') ? 0.6 : value);
    const { text } = await ask(plus(model, critic({ score, threshold: 0.6 })), 'q');
    expect([text, lastSaid(model)]).toEqual([RIGHT, CORRECT({ critique })]);
  });

  it.each([
    ['14+23 is not 38', 1, '14+23 is not 38'],
    ['**Nothing to fix.**', 0, undefined],
    ['', 1, 'The check does not accept it, and does not say why.'],
  ])('takes a model that says %j', async (verdict, rounds, critique) => {
    const verifier = scripted(({ prompt }) => (JSON.stringify(prompt[1]).includes('38') ? verdict : 'NOTHING TO FIX'));
    const model = author(RIGHT);
    const { sample } = await ask(plus(model, critic({ verifier })), {
      prompt: [user('q')],
      responseFormat: { type: 'json' },
    });
    expect(facts(sample)).toEqual({ rounds, passed: true });
    expect(verifier.calls[0]?.request).toEqual({ prompt: [user('q'), assistant(WRONG), user(CRITIQUE())], n: 1 });
    expect(lastSaid(model)).toBe(critique === undefined ? 'q' : CORRECT({ critique }));
  });

  it('wants one check, and only one', () => {
    expect(() => critic()).toThrow(InvalidOption);
    expect(() => critic({ check: 'equations', score: () => 1 })).toThrow(/only one of them/);
  });

  it.each([
    [1, WRONG],
    [2, RIGHT],
  ])('with %i calls to spend gives the best so far', async (calls, best) => {
    const model = plus(author(RIGHT, RIGHT), critic({ check: () => 'no' }));
    const { text, sample, exhausted } = await ask(model, 'q', { budget: { calls } });
    expect([text, exhausted]).toEqual([best, 'calls']);
    expect(facts(sample)).toMatchObject({ passed: false });
  });
});
