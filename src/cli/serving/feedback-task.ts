/** `plusx runs export --as-task`: answers of the server that somebody has said something of, as a task for `eval`. */
import { readAnswer, textOf, type Json, type Message, type Span } from '../../core/index.ts';
import type { KeptFeedback } from '../../store/index.ts';
import { outputFile } from '../terminal/files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { plural } from '../terminal/text.ts';
import { withServeStore, type TracesOptions } from './traces.ts';

export interface FeedbackTaskOptions extends TracesOptions {
  readonly records?: string | undefined;
}

/** From this score on an answer counts as right. */
const RIGHT = 0.5;

/** Why an answer makes no item. */
const LEFT_OUT = {
  texts: 'without their texts (plusx serve --keep-texts keeps them)',
  expected: 'of which nobody said what would have been right',
  form: 'whose conversation holds results of tools',
} as const;

type LeftOut = keyof typeof LEFT_OUT;

export function exportFeedback(options: FeedbackTaskOptions, terminal: Terminal): Promise<number> {
  const { out, err } = terminal;
  return withServeStore(options.store, async (store) => {
    await using file = await outputFile(options.records);
    const left = new Map<LeftOut, number>();
    const lines: string[] = [];
    for (const feedback of await store.feedback.list()) {
      const item = itemOf(feedback, (await store.traces.get(feedback.generation))?.root);
      if (typeof item === 'string') left.set(item, (left.get(item) ?? 0) + 1);
      else lines.push(`${JSON.stringify(item)}\n`);
    }
    const text = lines.join('');
    if (file) await file.write(text);
    else out.write(text);
    for (const [why, number] of left) err.write(`Left out: ${plural(number, 'answer')} ${LEFT_OUT[why]}.\n`);
  });
}

interface TaskLine {
  readonly id: string;
  readonly input: string | readonly Message[];
  readonly expected: string;
  /** What was said of the answer; `eval` does not read it. */
  readonly feedback: { readonly [field: string]: Json };
}

/** An answer as an item: what was asked, and what would have been right or was. */
export function itemOf(feedback: KeptFeedback, root: Span | undefined): TaskLine | LeftOut {
  const { generation, score, comment, correction } = feedback;
  const said = root?.said;
  if (!said?.prompt) return 'texts';
  if (said.prompt.some(({ role }) => role === 'tool')) return 'form';
  const [text = ''] = said.texts;
  const right = score !== undefined && score >= RIGHT ? (readAnswer(text)?.text ?? text.trim()) : '';
  const expected = correction ?? right;
  if (expected === '') return 'expected';
  return {
    id: generation,
    input: inputOf(said.prompt),
    expected,
    feedback: { ...(score !== undefined && { score }), ...(comment !== undefined && { comment }) },
  };
}

/** A question by itself is a text; anything more is a conversation. */
function inputOf(prompt: readonly Message[]): TaskLine['input'] {
  const [only] = prompt;
  const isText = prompt.length === 1 && only?.role === 'user' && only.content.every(({ type }) => type === 'text');
  return isText ? textOf(only.content) : prompt;
}
