/** The embedded model's own wording of what techniques say: the prompts it was trained on, which training/README.md lists. */
import type { Parts, Prompts } from '../../core/index.ts';

/** Instructions a question may come with: another one takes their place. */
const INSTRUCTION =
  /\n(?:Solve it step by step|Answer directly|Use the calculator|Write a program|First make a plan|Answer from the passage|Answer step by step|Reach the target)\.\s*$/;

function asked(question: string, instruction: string): string {
  const plain = question.trim().replace(INSTRUCTION, '');
  return `${/^(?:Question|Passage|Note):/.test(plain) ? plain : `Question: ${plain}`}\n${instruction}`;
}

const program = { say: ({ question = '' }) => asked(question, 'Write a program.') };
/** It was not taught to mend a program, so it is asked for another one. */
const another = { ...program, alone: true } as const;

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

const isRight = {
  say: ({ question = '', draft = '' }: Parts) => drafted(question, draft, 'Is the draft right? Answer yes or no.'),
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

/** A part of a question over a passage, or over what the model knows. */
const part = ({ context = '', part: one = '' }: Parts): string =>
  `${context}Question: ${one}\n${context === '' ? 'Answer directly.' : 'Answer from the passage.'}`;
const split = ({ asked: question = '' }: Parts): string => asked(question, 'Split it into simple questions.');

/** What is left of a countdown game: the last step says it, or is the last of all. */
function leftOf({ question = '', steps = '' }: Parts): string {
  const target = /^Target: .*$/m.exec(question)?.[0] ?? '';
  const last = steps.split('\n').at(-1) ?? '';
  const left = / left ([\d ]+)$/.exec(last)?.[1] ?? /=(\d+)$/.exec(last)?.[1];
  const numbers = left === undefined ? (/^Numbers: .*$/m.exec(question)?.[0] ?? '') : `Numbers: ${left}`;
  return `${numbers}\n${target}`;
}

/** By technique and prompt. */
export const TINY_PROMPTS: Prompts = {
  'abMcts.refine': {
    alone: true,
    say: ({ question = '', answer = '' }) => drafted(question, answer, 'Improve the draft.'),
  },
  'decomposedPrompting.part': { say: part },
  'decomposedPrompting.split': { say: split },
  'decomposedPrompting.whole': { say: part },
  'easyFirst.part': { say: part },
  'easyFirst.split': { say: split },
  'easyFirst.whole': { say: part },
  'leastToMost.part': { say: part },
  'leastToMost.split': { say: split },
  'leastToMost.whole': { say: part },
  'memPrompt.answer': {
    say: ({ question = '', notes = '' }) => `${notes.replaceAll(/^(.*?)\.?$/gm, 'Note: $1.')}\n${question}`,
  },
  'planAndSolve.plan': { say: ({ question = '' }) => asked(question, 'First make a plan.') },
  'planAndSolve.solve': {
    say: ({ question = '', plan = '' }) =>
      asked(question, `${/^Plan: .*$/m.exec(plan)?.[0] ?? `Plan: ${plan}`}\nFollow the plan.`),
  },
  'planAndSolve.together': { say: ({ question = '' }) => asked(question, 'First make a plan.') },
  'prefer.guide': { say: ({ question = '', principles = '' }) => `${question}\nBe ${principles.trim()}.` },
  'prefer.compare': {
    say: ({ principles = '', first = '', second = '' }) =>
      `Reply A: ${first}\nReply B: ${second}\nWhich reply is more ${principles.trim()}?`,
  },
  'rag.answer': {
    say: ({ question = '', passages = '' }) =>
      `Passage: ${passages.replaceAll('\n', ' ')}\n${asked(question, 'Answer from the passage.')}`,
  },
  'calculator.use': { say: ({ question = '' }) => asked(question, 'Use the calculator.') },
  'calculator.result': { say: ({ result = '' }) => result, asTool: true },
  'pal.write': program,
  'pal.repair': another,
  'programOfThoughts.write': program,
  'programOfThoughts.repair': another,
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
  'autoMix.verify': isRight,
  'reflexion.judge': { ...isRight, alone: true },
  'reflexion.reflect': { alone: true, say: critique.say },
  'reflexion.retry': { say: ({ reflection = '', ...parts }) => revise.say({ ...parts, critique: reflection }) },
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
  'treeOfThoughts.next': { say: (parts) => `${leftOf(parts)}\nPropose one step.` },
  'treeOfThoughts.value': {
    say(parts) {
      const left = leftOf(parts);
      // With two numbers every outcome is written down; with more it is an estimate.
      return `${left}\n${/^Numbers: \d+( \d+)?$/m.test(left) ? 'Try every step.' : 'Can the target be reached?'}`;
    },
    read: (reply) => (/Answer: yes/.test(reply) ? 'sure' : /Answer: no/.test(reply) ? 'impossible' : reply),
  },
  'stepBack.stepBack': { say: ({ question = '' }) => asked(question, 'Ask a more general question first.') },
};
