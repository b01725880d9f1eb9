/** Small memories for the laws, and models that believe what they are told from them. */
import { plus, questionOf, type Host, type Note, type Transform } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { table } from '../../testing/laws/parameters.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { holds, type ExactLaw } from '../../testing/laws/technique-law.ts';
import { memoryOf } from './memory-of.ts';

export const NOTES: readonly Note[] = [
  { id: 'sum', text: 'How much is 2 + 3?', data: { feedback: 'sums are in base 3', answer: '12' } },
  { id: 'question', text: 'question', data: { feedback: 'the question is about a', answer: 'a' } },
  { id: 'further', text: 'another question of that kind', data: { feedback: 'this one is about b', answer: 'b' } },
  { id: 'sea', text: 'How deep is the sea?', data: { answer: '4 km', source: 'sea.md', page: 2 } },
];
export const remembered = (): Host => ({ memory: memoryOf(NOTES), respond: async () => 'in base 3, please' });
export const nothing = (): Host => ({ memory: memoryOf() });

export const PLAIN: Distribution = { a: 5, b: 3, c: 2 };
/** After a note or a page the answers are others. */
export const NOTED: Distribution = { a: 8, b: 1 };

/** Answers as the base does until the sign stands in the prompt. */
export const believing = (sign: string, plain = PLAIN, noted = NOTED) =>
  enumerable({ name: 'believer', answers: (prompt) => (JSON.stringify(prompt).includes(sign) ? noted : plain) });

/** What a reader may change of it. */
export const BELIEVER = {
  plain: table(PLAIN, 'what is answered to the question alone'),
  noted: table(NOTED, 'what is answered in the light of what is remembered'),
};

/** Answers as the base does while it is told nothing but the question. */
export const untold = enumerable({
  name: 'untold',
  answers: (prompt) => (prompt.length === 1 && questionOf(prompt) === 'question' ? PLAIN : NOTED),
});

/** Where there is nothing to tell, the technique is the base itself. */
export function isBase(law: string, transform: Transform, host = nothing): ExactLaw {
  return holds(law, hosted(plus(untold, transform), host), () => normal(PLAIN));
}
