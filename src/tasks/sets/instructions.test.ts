import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rootScope, user, type Json } from '../../core/index.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { loadTask } from '../index.ts';
import { says } from '../test-support/references.ts';

const { context } = rootScope();
const followed = async (text: string, ...instructions: readonly { readonly [name: string]: Json }[]): Promise<number> =>
  INSTRUCTIONS.grade(says(text), { id: '1', request: { prompt: [user('q')] }, expected: { instructions } }, context);

/** An instruction with its settings, a reply that follows it, and one that nearly does. */
const CASES: readonly (readonly [
  id: string,
  settings: { readonly [name: string]: Json },
  right: string,
  wrong: string,
])[] = [
  ['punctuation:no_comma', {}, 'Red and green; blue too.', 'Red, green.'],
  [
    'length_constraints:number_words',
    { relation: 'at least', num_words: 4 },
    "It's a well-known fact here",
    'only three words',
  ],
  [
    'length_constraints:number_words',
    { relation: 'less than', num_words: 4 },
    'only three words',
    'these are four words',
  ],
  ['length_constraints:number_sentences', { relation: 'at least', num_sentences: 2 }, 'One. Two!', 'Only one of them.'],
  ['length_constraints:number_sentences', { relation: 'less than', num_sentences: 3 }, 'One. Two!', 'One. Two! Three?'],
  ['length_constraints:number_paragraphs', { num_paragraphs: 2 }, 'One\n***\nTwo', 'One\n\nTwo'],
  [
    'length_constraints:nth_paragraph_first_word',
    { num_paragraphs: 2, nth_paragraph: 2, first_word: 'weekend' },
    'One\n\n"Weekend is near.',
    'Weekend\n\nis near',
  ],
  ['detectable_content:number_placeholders', { num_placeholders: 2 }, 'Dear [name], of [town]', 'Dear [name]'],
  ['detectable_content:postscript', { postscript_marker: 'P.S.' }, 'Bye.\n\nP.S. I forgot.', 'Bye. I forgot.'],
  ['detectable_format:number_highlighted_sections', { num_highlights: 2 }, '*one* and **two**', '*one* and * two'],
  ['detectable_format:number_bullet_lists', { num_bullets: 2 }, '* one\n* two', '* one\n* two\n- three'],
  [
    'detectable_format:multiple_sections',
    { section_spliter: 'SECTION', num_sections: 2 },
    'SECTION 1\na\nSECTION 2\nb',
    'SECTION 1\na',
  ],
  ['detectable_format:title', {}, '<<A title>>\ntext', '<<>>\ntext'],
  ['detectable_format:json_format', {}, '```json\n{"a": 1}\n```', 'Here: {"a": 1}'],
  ['detectable_format:constrained_response', {}, 'My answer is maybe.', 'My answer is perhaps.'],
  ['combination:repeat_prompt', { prompt_to_repeat: 'Say it.' }, 'say it. It is said.', 'It is said.'],
  ['combination:two_responses', {}, 'One way\n******\nAnother', 'One way\n******\nOne way'],
  ['change_case:english_lowercase', {}, 'all small.', 'Not all small.'],
  ['change_case:english_capital', {}, 'ALL LARGE.', 'NEARLY ALL LARGe.'],
  [
    'change_case:capital_word_frequency',
    { capital_relation: 'at least', capital_frequency: 2 },
    'VERY much A LOT',
    'very much A lot',
  ],
  [
    'change_case:capital_word_frequency',
    { capital_relation: 'less than', capital_frequency: 2 },
    'ONE only',
    'ONE AND two',
  ],
  ['startend:quotation', {}, '"All of it."', '"All" of it.'],
  ['startend:end_checker', { end_phrase: 'That is all.' }, 'Here it is. That is all.', 'That is all. Here it is.'],
  ['keywords:existence', { keywords: ['sun', 'moon'] }, 'The Sun and the moon', 'The sun'],
  ['keywords:forbidden_words', { forbidden_words: ['rock'] }, 'A rocket', 'A rock.'],
  ['keywords:frequency', { keyword: 'story', relation: 'at least', frequency: 2 }, 'A story of a Story', 'A story'],
  ['keywords:letter_frequency', { letter: '#', let_relation: 'at least', let_frequency: 2 }, '# one # two', '# one'],
  ['keywords:letter_frequency', { letter: 'q', let_relation: 'less than', let_frequency: 2 }, 'Quick', 'Quick quack'],
  ['language:response_language', { language: 'kn' }, 'ಇದು ಕನ್ನಡ ವಾಕ್ಯ', 'This is no Kannada'],
  [
    'language:response_language',
    { language: 'de' },
    'Das ist ein Satz, und er ist nicht lang.',
    'This is a sentence and it is not long.',
  ],
];

it.each(CASES)('%s %j', async (id, settings, right, wrong) => {
  expect([await followed(right, { id, ...settings }), await followed(wrong, { id, ...settings })]).toEqual([1, 0]);
});

it('all instructions of a prompt must be followed, and no reply follows none', async () => {
  const [comma, title] = [{ id: 'punctuation:no_comma' }, { id: 'detectable_format:title' }];
  expect(await followed('<<t>> a b', comma, title)).toBe(1);
  expect(await followed('<<t>> a, b', comma, title)).toBe(0);
  expect(await followed(' ', comma)).toBe(0);
});

it('an instruction that nothing checks is refused', () => {
  expect(INSTRUCTIONS.broken({ instructions: [{ id: 'poetry:rhyme' }] })).toContain(
    '"poetry:rhyme", which nothing here can check',
  );
  expect(INSTRUCTIONS.broken([])).toContain('must be {"instructions"');
});

const FILE = join(import.meta.dirname, '../../../../shared/data/tasks/ifeval/input_data.jsonl');
const there = existsSync(FILE);
if (!there) console.warn(`instructions: skipped, there is no ${FILE}`);
it.skipIf(!there)(
  'every instruction of the real file can be checked, and hardly any is followed by a shrug',
  async () => {
    const { items, metric } = await loadTask(`ifeval:${FILE}`);
    expect(items).toHaveLength(541);
    const grades = await Promise.all(
      items.map(async (item) => metric.grade(says('I do not know, sorry'), item, context)),
    );
    expect(grades.filter((grade) => grade === 1).length).toBeLessThan(60);
  },
);
