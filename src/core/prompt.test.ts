import { expect, it } from 'vitest';
import { selfRefine } from '../iterate/index.ts';
import { enumerable } from '../models/enumerable.ts';
import { rephraseAndRespond } from '../rephrase/index.ts';
import { ask, assistant, fill, InvalidOption, plus, questionOf, user, type Model } from './index.ts';

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
