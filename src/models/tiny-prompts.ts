/** The embedded model's own wording of what techniques say: the prompts it was trained on, which training/README.md lists. */
import type { Parts, Prompts } from '../core/index.ts';

/** Instructions a question may come with: another one takes their place. */
const INSTRUCTION = /\n(?:Solve it step by step|Answer directly|Use the calculator|Write a program)\.\s*$/;

function asked(question: string, instruction: string): string {
  const plain = question.trim().replace(INSTRUCTION, '');
  return `${/^(?:Question|Passage|Note):/.test(plain) ? plain : `Question: ${plain}`}\n${instruction}`;
}

/** The question with the instruction it came with, or to be solved in steps. */
function again(question: string, original: string): string {
  return asked(question, INSTRUCTION.exec(original)?.[0].trim() ?? 'Solve it step by step.');
}

const drafted = (question: string, draft: string, instruction: string): string =>
  asked(question, `Draft:\n${draft}\n${instruction}`);
const plainly = ({ question = '' }: Parts): string => asked(question, 'Rephrase the question plainly.');

const critique = {
  alone: true,
  say: ({ question = '', draft = '' }: Parts) => drafted(question, draft, 'Check the draft.'),
  read: (reply: string) => (/Verdict: right\s*$/.test(reply) ? 'NOTHING TO FIX' : reply),
} as const;
const revise = {
  alone: true,
  say: ({ question = '', draft = '', critique: found = '' }: Parts) =>
    drafted(question, draft, `Critique:\n${found}\nRevise the draft.`),
} as const;

/** A finding of recomputed equations in the form of its critiques; one without the right value can only ask for better. */
function corrected({ question = '', draft = '', critique: found = '' }: Parts): string {
  const [, equation = '', side = '', value = ''] = /^(.+) is wrong: (.+) is (.+)\.$/m.exec(found) ?? [];
  if (/Verdict:/.test(found)) return revise.say({ question, draft, critique: found });
  if (value === '') return drafted(question, draft, 'Improve the draft.');
  const wrong = equation.replaceAll(' ', '');
  const lines = draft.split('\n');
  const before = lines.slice(0, Math.max(0, lines.indexOf(wrong))).map((line) => `${line} ok`);
  const fault = `${side}=${value} not ${wrong}`.replaceAll(/ (?=[-+*/=])|(?<=[-+*/=]) /g, '');
  return revise.say({ question, draft, critique: [...before, fault, 'Verdict: wrong'].join('\n') });
}

/** What it is told of a word, as a note before the question. */
function noted({ question = '', known = '' }: Parts): string {
  const notes = [...known.matchAll(/^Q: what does (.+) mean\??\nA: (.+)$/gm)];
  return notes.map(([, word, meaning]) => `Note: ${word} means ${meaning}.\n`.replace('..', '.')).join('') + question;
}

export const TINY_PROMPTS: Prompts = {
  'budgetForcing.final': { say: () => 'Answer:' },
  'clarify.answer': { say: noted },
  'clarify.decide': {
    say: ({ question = '' }) => asked(question, 'Is a word unclear?'),
    read: (reply) => (/^Answer: what does/m.test(reply) ? reply.replace(/^Answer:/m, 'ASK:') : 'CLEAR'),
  },
  'critic.correct': { say: corrected, alone: true },
  'critic.critique': critique,
  'judge.rate': {
    say: ({ question = '', answer = '' }) => drafted(question, answer, 'Is the draft right? Answer yes or no.'),
    read: (reply) => (/^Answer: yes/m.test(reply) ? '10' : /^Answer: no/m.test(reply) ? '0' : ''),
  },
  'paraphrase.reword': { say: plainly, read: (reply) => again(reply, '') },
  'rephraseAndRespond.rephrase': { say: plainly },
  'rephraseAndRespond.respond': { say: ({ question = '', rephrased = '' }) => again(rephrased, question) },
  'selfDebug.repair': { say: ({ question = '' }) => asked(question, 'Write a program.'), alone: true },
  'selfDebug.write': {
    say: ({ question = '' }) => asked(question, 'Write a program.'),
    read: (reply) => `\`\`\`javascript\n${reply}\n\`\`\``,
  },
  'selfRefine.critique': critique,
  'selfRefine.revise': revise,
  'stepBack.answer': {
    say: ({ question = '', principle = '' }) => `Facts: ${principle}\n${asked(question, 'Answer directly.')}`,
  },
  'stepBack.principle': {
    say: ({ general = '' }) => asked(general, 'Answer step by step.'),
    read: (reply) => /^Facts: (.+)$/m.exec(reply)?.[1] ?? reply,
  },
  'stepBack.stepBack': { say: ({ question = '' }) => asked(question, 'Ask a more general question first.') },
};
