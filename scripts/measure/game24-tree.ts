/** Search trees that GPT-4 grew for the Game of 24, as they were recorded: every proposal and every value. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ask, plus, scorer, textOf, type Model } from '../../src/core/index.ts';
import { enumerable } from '../../src/models/written/index.ts';
import { treeOfThoughts } from '../../src/search/index.ts';
import { isSolution } from '../../src/tasks/game24.ts';

export interface RecordedTree {
  /** Four numbers, such as "4 5 6 10". */
  readonly question: string;
  readonly steps: readonly RecordedStep[];
}

/** One level: the texts it went on from, the texts that were proposed, and what each of these was worth. */
interface RecordedStep {
  readonly from: readonly string[];
  readonly proposed: readonly string[];
  readonly values: readonly number[];
}

export function readTrees(file: string): RecordedTree[] {
  const text = gunzipSync(readFileSync(file)).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedTree);
}

/** What a search of the recorded tree came to. */
export interface Searched {
  /** Whether any of the texts that were kept is a solution, as the paper counts. */
  readonly any: boolean;
  /** Whether the most valued one is. */
  readonly best: boolean;
  /** How many thoughts were valued. */
  readonly nodes: number;
  readonly calls: number;
}

/** Runs treeOfThoughts over a recorded tree. What it proposes and what that is worth is looked up, not asked for. */
export async function searchRecorded({ question, steps }: RecordedTree, breadth: number): Promise<Searched> {
  const textAt = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const model = plus(
    NOBODY,
    treeOfThoughts({
      depth: steps.length,
      breadth,
      expand(thought) {
        const { from, proposed } = steps[thought.steps.length] as RecordedStep;
        const before = textAt(thought.steps);
        const isOwn = (text: string): boolean => text.startsWith(before) && from.includes(before);
        return proposed.filter(isOwn).map((text) => text.slice(before.length).replace(/\n$/, ''));
      },
      score: scorer('recorded', ({ content }) => {
        const lines = textOf(content).split('\n');
        const { proposed, values } = steps[lines.length - 1] as RecordedStep;
        return values[proposed.indexOf(textAt(lines))] ?? Number.NaN;
      }),
      answer: ({ steps: made }) => made.at(-1) ?? '',
    }),
  );
  const { text, sample, usage } = await ask(model, question);
  const facts = sample.providerMetadata?.['plusx'];
  const kept = Array.isArray(facts?.['kept']) ? facts['kept'].map(String) : [];
  return {
    any: kept.some((one) => isRight(one.split('\n').at(-1) ?? '', question)),
    best: isRight(text, question),
    nodes: Number(facts?.['thoughts']),
    calls: usage.calls,
  };
}

const isRight = (line: string, puzzle: string): boolean =>
  /^answer: /i.test(line) && isSolution(line.replace(/^answer: /i, ''), puzzle);

/** A model that must not be asked. */
const NOBODY: Model = enumerable({
  name: 'nobody',
  answers: () => {
    throw new Error('a search of a recorded tree makes no call');
  },
});
