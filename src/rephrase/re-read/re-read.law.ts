/** The law of re-reading: P(y | x, x). */
import { plus } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { reRead } from './re-read.ts';

const ONCE: Distribution = { x: 1, y: 3 };
const TWICE: Distribution = { x: 2, y: 1 };
const reader = enumerable({
  name: 'reader',
  answers: { question: ONCE, 'question\nRead the question again: question': TWICE },
});

export const law: TechniqueLaw = {
  technique: 'reRead',
  subjects: { reRead: reRead() },
  exact: [holds('the question is read twice', plus(reader, reRead()), () => normal(TWICE))],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the second reading takes the place of the first',
    file: 'rephrase/re-read/re-read.ts',
    from: 'alone ? withQuestion',
    to: 'alone !== false ? withQuestion',
  },
];
