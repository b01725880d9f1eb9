/** The embedded model's own wording of what techniques say: the prompts it was trained on, which training/README.md lists. */
import type { Prompts } from '../core/index.ts';

/** Instructions a question may come with: another one takes their place. */
const INSTRUCTION = /\n(?:Solve it step by step|Answer directly|Use the calculator|Write a program)\.\s*$/;

function asked(question: string, instruction: string): string {
  const plain = question.trim().replace(INSTRUCTION, '');
  return `${/^(?:Question|Passage|Note):/.test(plain) ? plain : `Question: ${plain}`}\n${instruction}`;
}

const program = { say: ({ question = '' }) => asked(question, 'Write a program.') };
/** It was not taught to mend a program, so it is asked for another one. */
const another = { ...program, alone: true } as const;

export const TINY_PROMPTS: Prompts = {
  'calculator.use': { say: ({ question = '' }) => asked(question, 'Use the calculator.') },
  'calculator.result': { say: ({ result = '' }) => result, asTool: true },
  'pal.write': program,
  'pal.repair': another,
  'programOfThoughts.write': program,
  'programOfThoughts.repair': another,
};
