/**
 * Replies that say nothing, or one thing sixty thousand times: every technique takes them for data, ends in an answer or in an
 * error of ours, and soon. A pattern that goes back and forth over such a text takes longer than a test may.
 */
import { describe, expect, it } from 'vitest';
import { exampleOf, host } from '../scripts/examples.ts';
import { techniques } from './catalog.ts';
import { ask, NO_USAGE, PlusxError, type Model } from './core/index.ts';
import { scripted } from './models/written/index.ts';

const LENGTH = 60_000;
const many = (piece: string): string => piece.repeat(Math.ceil(LENGTH / Math.max(1, piece.length)));

const PIECES = [
  '',
  ' ',
  '\n',
  '\t \n',
  '(',
  '[',
  '{',
  '`',
  '```\n',
  '"',
  '\\',
  '\\boxed{',
  '9',
  '9,',
  '1=',
  '1+',
  '2^',
  'a',
  '*',
  ':',
];
const FORMS = [
  '1. a\n',
  '- ',
  'Answer: ',
  'Call: 1 + 1\n',
  'Action: time {',
  'Better: ',
  'Follow up: a? ',
  '#1 ',
  '[1] ',
  '{"a":',
  'ASK:\n',
];
const WITHIN = ['', '1. ', 'Answer: ', 'Follow up: ', 'ASK: ', 'Rating: '].flatMap((before) =>
  [' ', '*', '`'].map((piece) => `${before}a${many(piece)}b`),
);
const REPLIES = [
  ...[...PIECES, ...FORMS].map(many),
  ...WITHIN,
  '['.repeat(LENGTH / 3) + ']'.repeat(LENGTH / 3),
  '{"__proto__": {"polluted": true}}',
  '((((2^64)^64)^64)^64)^64 = 1',
  many('{question} $& $` '),
];

const room = (name: string): string | undefined =>
  techniques.find(({ definition }) => definition.name === name)?.definition.room;
const names = techniques.map(({ definition: { name } }) => name).filter((name) => room(name) !== 'decode');

describe.each(names)('%s', (name) => {
  it('comes to an end with whatever is replied', async () => {
    const technique = techniques.find(({ definition }) => definition.name === name);
    for (const text of REPLIES) {
      const model = scripted(() => ({ text, logprob: -1 }), { can: { logprobs: true, continueFrom: true } });
      const example = technique && exampleOf(technique, model);
      if (!example) throw new Error(`${name} has no row in scripts/examples.ts`);
      const outcome = await ask(example.model, 'How much is 2 + 2?', { host, budget: { calls: 60 } }).catch(
        (error: unknown) => error,
      );
      expect(outcome).toSatisfy((one) => (one instanceof Error ? one instanceof PlusxError : typeof one === 'object'));
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('says so in an error of ours where its base gives no sample at all', async () => {
    const technique = techniques.find((one) => one.definition.name === name);
    const { stream: _, ...base } = scripted(() => 'x', { can: { logprobs: true, continueFrom: true } });
    const empty: Model = {
      ...base,
      sample: async () => ({ samples: [], usage: NO_USAGE, warnings: [], exhausted: undefined }),
    };
    const example = technique && exampleOf(technique, empty);
    const outcome = await ask(example?.model ?? empty, 'How much is 2 + 2?', { host, budget: { calls: 60 } }).catch(
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(PlusxError);
  });
});
