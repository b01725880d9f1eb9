/**
 * What techniques say to the embedded model, in the wordings it was trained on (training/README.md lists them). A
 * question to it has lines of context, a line `Question: ...` and a last line that says what is wanted.
 */
import type { Parts, Prompts } from '../core/index.ts';

const INSTRUCTIONS =
  /\n(?:Solve it step by step|Answer directly|Use the calculator|Write a program|First make a plan|Answer from the passage|Answer step by step|Quote the passage, then answer|Reach the target)\.$/;

interface Read {
  /** All lines but the last, where that is one of the instructions. */
  readonly bare: string;
  /** The instruction, or the one for word problems. */
  readonly instruction: string;
}

function read(question: string): Read {
  const [found] = INSTRUCTIONS.exec(question) ?? [];
  return found === undefined
    ? {
        bare: question.startsWith('Question:') || question.includes('\nQuestion:') ? question : `Question: ${question}`,
        instruction: STEPS,
      }
    : { bare: question.slice(0, -found.length), instruction: found.slice(1) };
}

const STEPS = 'Solve it step by step.';

/** A part of a question over a passage, or over what the model knows. */
const part = ({ context = '', part: asked = '' }: Parts): string =>
  `${context}Question: ${asked}\n${context === '' ? 'Answer directly.' : 'Answer from the passage.'}`;
const isRight = ({ question = '', draft = '' }: Parts): string =>
  `${read(question).bare}\nDraft:\n${draft}\nIs the draft right? Answer yes or no.`;
const split = ({ asked = '' }: Parts): string => `Question: ${asked}\nSplit it into simple questions.`;

/** The steps of a countdown game, one a line; the last says which numbers are left. */
function stateOf(question: string, steps: string): string {
  const target = /^Target: .*$/m.exec(question)?.[0] ?? '';
  const left = /left ([\d ]+)$/.exec(steps.trim())?.[1];
  const numbers = left === undefined ? (/^Numbers: .*$/m.exec(question)?.[0] ?? '') : `Numbers: ${left}`;
  return `${numbers}\n${target}`;
}

/** By technique and prompt. */
export const TINY_PROMPTS: Prompts = {
  'rephraseAndRespond.rephrase': {
    say: ({ question = '' }) => `${read(question).bare}\nRephrase the question plainly.`,
  },
  'rephraseAndRespond.respond': {
    say: ({ question = '', rephrased = '' }) => `Question: ${rephrased}\n${read(question).instruction}`,
  },
  'stepBack.stepBack': {
    say: ({ question = '' }) => `${read(question).bare}\nAsk a more general question first.`,
    read: (general) => `Question: ${general}\nAnswer step by step.`,
  },
  'stepBack.answer': {
    say: ({ question = '', principle = '' }) =>
      `${/^Facts: .*$/m.exec(principle)?.[0] ?? `Facts: ${principle.replaceAll('\n', ' ')}`}\n${question}`,
  },
  'selfRefine.critique': {
    say: ({ question = '', draft = '' }) => `${read(question).bare}\nDraft:\n${draft}\nCheck the draft.`,
    read: (critique) => (/Verdict: right$/.test(critique.trim()) ? 'NOTHING TO FIX' : critique),
    alone: true,
  },
  'selfRefine.revise': {
    say: ({ question = '', draft = '', critique = '' }) =>
      `${read(question).bare}\nDraft:\n${draft}\nCritique:\n${critique}\nRevise the draft.`,
    alone: true,
  },
  'critic.correct': {
    say: ({ question = '', draft = '' }) => `${read(question).bare}\nDraft:\n${draft}\nImprove the draft.`,
    alone: true,
  },
  'judge.rate': {
    say: ({ question = '', answer = '' }) =>
      `${read(question).bare}\nDraft:\n${answer}\nIs the draft right? Answer yes or no.`,
    read: (reply) => (/\byes\b/.test(reply) ? '10' : /\bno\b/.test(reply) ? '0' : reply),
  },
  'memPrompt.answer': {
    say: ({ question = '', notes = '' }) => `${notes.replaceAll(/^(.*?)\.?$/gm, 'Note: $1.')}\n${question}`,
  },
  'rag.answer': {
    say: ({ question = '', passages = '' }) =>
      `Passage: ${passages.replaceAll('\n', ' ')}\n${read(question).bare}\nAnswer from the passage.`,
  },
  'prefer.compare': {
    say: ({ principles = '', first = '', second = '' }) =>
      `Reply A: ${first}\nReply B: ${second}\nWhich reply is more ${principles.trim()}?`,
  },
  'leastToMost.split': { say: split },
  'leastToMost.part': { say: part },
  'leastToMost.whole': { say: part },
  'decomposedPrompting.split': { say: split },
  'decomposedPrompting.part': { say: part },
  'decomposedPrompting.whole': { say: part },
  'easyFirst.split': { say: split },
  'easyFirst.part': { say: part },
  'easyFirst.whole': { say: part },
  'planAndSolve.plan': { say: ({ question = '' }) => `${read(question).bare}\nFirst make a plan.` },
  'planAndSolve.solve': {
    say: ({ question = '', plan = '' }) =>
      `${read(question).bare}\n${/^Plan: .*$/m.exec(plan)?.[0] ?? `Plan: ${plan}`}\nFollow the plan.`,
  },
  'planAndSolve.together': { say: ({ question = '' }) => `${read(question).bare}\nFirst make a plan.` },
  'reflexion.judge': { say: isRight, alone: true },
  'reflexion.reflect': {
    say: ({ question = '', draft = '' }) => `${read(question).bare}\nDraft:\n${draft}\nCheck the draft.`,
    alone: true,
  },
  'reflexion.retry': {
    say: ({ question = '', draft = '', reflection = '' }) =>
      `${read(question).bare}\nDraft:\n${draft}\nCritique:\n${reflection}\nRevise the draft.`,
  },
  'autoMix.verify': { say: isRight },
  'paraphrase.reword': { say: ({ question = '' }) => `${read(question).bare}\nRephrase the question plainly.` },
  'treeOfThoughts.propose': {
    say: ({ question = '', steps = '' }) => `${stateOf(question, steps)}\nPropose one step.`,
  },
  'treeOfThoughts.value': {
    say: ({ question = '', steps = '' }) => `${stateOf(question, steps)}\nCan the target be reached?`,
  },
};
