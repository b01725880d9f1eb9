/** The law of re-reading: P(y | x, x). */
import { plus } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { table } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { reRead } from './re-read.ts';

const ONCE: Distribution = { x: 1, y: 3 };
const TWICE: Distribution = { x: 2, y: 1 };

export const law: TechniqueLaw = {
  technique: 'reRead',
  subjects: { reRead: reRead() },
  exact: varied(
    {
      once: table(ONCE, 'what is answered to the question read once'),
      twice: table(TWICE, 'what is answered to it read twice'),
    },
    ({ once, twice }) => {
      const answers = { question: once, 'question\nRead the question again: question': twice };
      return holds('the question is read twice', plus(enumerable({ name: 'reader', answers }), reRead()), () =>
        normal(twice),
      );
    },
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the second reading takes the place of the first',
    file: 'rephrase/re-read/re-read.ts',
    from: 'alone ? withQuestion',
    to: 'alone !== false ? withQuestion',
  },
];
