import { expect, it } from 'vitest';
import { selfRefine } from '../../iterate/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead, rephraseAndRespond, stepBack } from '../../rephrase/index.ts';
import { bestOfN, mixture } from '../../search/index.ts';
import { ask, assistant, fill, InvalidOption, judge, plus, questionOf, user, type Model } from '../index.ts';

/** A model that repeats what it is asked, so that the answer shows the wording. */
const echo = (more: Partial<Model> = {}): Model => ({
  ...enumerable({ name: 'echo', answers: (prompt) => ({ [`<${questionOf(prompt)}>`]: 1 }) }),
  ...more,
});

it('fills holes once: a hole inside a part, and braces around anything else, stay', () => {
  expect(fill('{a} {b} \\boxed{x} {"c": 1} {a}', { a: '{b}', b: '$&{a}' })).toBe('{b} $&{a} \\boxed{x} {"c": 1} {b}');
});

it('takes the wording of the caller, else that of the model, else that of the technique', async () => {
  const own = { 'rephraseAndRespond.respond': { say: ({ rephrased = '' }) => `own ${rephrased}` } };
  const speak = async (model: Model, options = {}): Promise<string> =>
    (await ask(plus(model, rephraseAndRespond({ rephrase: '{question}!', ...options })), 'q')).text;
  expect(await speak(echo())).toMatch(/^<\(Original\) q\n\(Rephrased\) <q!>/);
  expect(await speak(echo({ prompts: own }))).toBe('<own <q!>>');
  expect(await speak(echo({ prompts: own }), { respond: 'mine {rephrased}' })).toBe('<mine <q!>>');
});

it('prints a wording in the formula, and refuses one that leaves out what it is about', () => {
  const model = plus(echo(), rephraseAndRespond({ rephrase: 'Put "{question}" plainly.' }));
  expect(model.name).toBe('echo + rephraseAndRespond(rephrase="Put \\"{question}\\" plainly.")');
  expect(() => rephraseAndRespond({ rephrase: 'Put it plainly: {qestion}' })).toThrow(InvalidOption);
});

it('refuses a hole that is misspelt beside one that is not, and leaves other braces alone', () => {
  expect(() => selfRefine({ revise: '{question}: {critque}' })).toThrow(
    'selfRefine: revise has {critque}, and it can have {question}, {draft}, {critique}',
  );
  expect(() => selfRefine({ critique: 'In \\boxed{x} or {"a": {b}}, is it right?' })).not.toThrow();
});

it('gives a model of several bases the wording they share, and none where they speak differently', () => {
  const own = { 'reRead.again': { say: () => 'again' } };
  const [speaking, plain] = [echo({ prompts: own }), echo()];
  expect(mixture([speaking, plus(speaking, reRead())]).prompts).toBe(own);
  expect(mixture([speaking, plain]).prompts).toBeUndefined();
  expect(mixture([plain, speaking]).prompts).toBeUndefined();
});

it('is how a judge is asked as well', async () => {
  const heard: string[] = [];
  const model = echo({
    prompts: {
      'judge.rate': { say: ({ answer = '' }) => `right? ${answer}`, read: (reply) => (heard.push(reply), '7') },
    },
  });
  const { sample } = await ask(plus(echo(), bestOfN({ n: 1, score: judge(model) })), 'q');
  expect([heard, sample.providerMetadata?.['plusx']]).toEqual([['<right? <q>>'], { candidates: 1, score: 7 }]);
});

it('says again what a model wants said again, after the question or in its place', async () => {
  const again = (alone?: true) => ({ prompts: { 'reRead.again': { say: () => 'twice', alone } } });
  const speak = async (model: Model, options = {}) => (await ask(plus(model, reRead(options)), 'q')).text;
  expect(await speak(echo(again()))).toBe('<qtwice>');
  expect(await speak(echo(again(true)))).toBe('<twice>');
  expect(await speak(echo(again(true)), { again: ' ({question})' })).toBe('<q (q)>');
});

it("puts the question behind in the model's own words, and leaves out a step back that says nothing", async () => {
  const model = (general: string): Model =>
    echo({
      prompts: {
        'stepBack.stepBack': { say: () => 'general?', read: () => general },
        'stepBack.principle': { say: ({ general: g = '' }) => `law: ${g}` },
      },
    });
  expect((await ask(plus(model(' pets '), stepBack()), 'q')).text).toContain('Answer: <law: pets>');
  const plain = await ask(plus(model(' '), stepBack()), 'q');
  expect([plain.text, plain.usage.calls]).toEqual(['<q>', 2]);
});

it('goes with a model through every technique, and is told alone where it wants that', async () => {
  const heard: string[] = [];
  const base = echo({
    prompts: {
      'selfRefine.critique': {
        say: ({ question, draft }) => `${question}, ${draft}?`,
        read: (reply) => (reply.includes('<again>') ? 'NOTHING TO FIX' : reply),
        alone: true,
      },
      'selfRefine.revise': { say: () => 'again' },
    },
  });
  const model: Model = {
    ...base,
    sample: (request, context) => (heard.push(JSON.stringify(request.prompt)), base.sample(request, context)),
  };
  const nested = plus(model, selfRefine({ rounds: 2 }), selfRefine({ rounds: 1, stop: 'never' }));
  expect(nested.prompts).toBe(base.prompts);
  const { sample } = await ask(plus(model, selfRefine({ rounds: 2 })), 'q');
  expect(sample.providerMetadata?.['plusx']).toEqual({ rounds: 1 });
  expect(heard).toEqual(
    [[user('q')], [user('q, <q>?')], [user('q'), assistant('<q>'), user('again')], [user('q, <again>?')]].map(
      (prompt) => JSON.stringify(prompt),
    ),
  );
});
