/** Whether the grader of a task takes what is expected as right, and its nearest wrong neighbours as wrong. */
import { rootScope, type Json, type Sample } from '../../core/index.ts';
import type { Item, Task } from '../task.ts';

export const says = (text: string): Sample => ({
  content: [{ type: 'text', text }],
  finish: { unified: 'stop', raw: 'stop' },
  weight: 1,
  semantics: { kind: 'exact', target: 'P', why: 'a test' },
});

const written = (expected: Json | undefined): string =>
  Array.isArray(expected)
    ? expected.map(String).join(', ')
    : typeof expected === 'string'
      ? expected
      : JSON.stringify(expected);

/** Answers that are almost it. */
function neighbours(expected: Json | undefined): string[] {
  if (Array.isArray(expected)) {
    const names = expected.map(String);
    return [[...names, 'Nobody'].join(', '), names.slice(1).join(', '), names.map((name) => `${name}x`).join(', ')];
  }
  const text = written(expected);
  const letter = /^\(?([A-Z])\)?$/.exec(text)?.[1];
  if (letter !== undefined) return [`(${letter === 'A' ? 'B' : String.fromCharCode(letter.charCodeAt(0) - 1)})`];
  if (/^-?\d+$/.test(text)) return [`${Number(text) + 1}`, `${10 * Number(text) || 11}`, `${-Number(text) || 7}`];
  const opposite: { readonly [word: string]: string } = {
    yes: 'no',
    no: 'yes',
    true: 'False',
    false: 'True',
    valid: 'invalid',
    invalid: 'valid',
  };
  const turned = opposite[text.toLowerCase()];
  if (turned !== undefined) return [turned];
  const words = text.split(/([ ;])/);
  return [words.slice(0, -2).join(''), `${text} ${words[0]}`, [...words].reverse().join('')].filter(
    (one) => one !== '' && one !== text,
  );
}

/** What a grader says wrongly, in a line each: `id: text -> grade`. */
export async function mistakes({ items, metric }: Task, limit = 250): Promise<string[]> {
  const { context, close } = rootScope();
  const found: string[] = [];
  const graded = async (item: Item, text: string, wanted: number): Promise<void> => {
    const grade = await metric.grade(says(text), item, context);
    if (grade !== wanted) found.push(`${item.id}: ${text} -> ${grade}, expected ${JSON.stringify(item.expected)}`);
  };
  try {
    for (const item of items.slice(0, limit)) {
      const right = written(item.expected);
      await graded(item, `Let us see, step by step.\nAnswer: ${right}`, 1);
      await graded(item, `I thought of this and that.\n\n**Answer:** ${right}`, 1);
      for (const wrong of neighbours(item.expected))
        await graded(item, `Let us see, step by step.\nAnswer: ${wrong}`, 0);
      await graded(item, 'I do not know.', 0);
    }
  } finally {
    close();
  }
  return found;
}
