/** A written world: questions, and a model that is right so often, by what it is asked. */
import { textOf, user, type Message, type Price } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { metricOf } from '../../tasks/metrics.ts';
import type { Item, Task } from '../../tasks/task.ts';

export function questions(count: number, of: Partial<Task> = {}): Task {
  const items = Array.from({ length: count }, (_, i): Item => ({
    id: `${i}`,
    request: { prompt: [user(`Question ${i}?`)], maxOutputTokens: 12 },
    expected: `answer ${i % 7}`,
  }));
  return { name: 'questions', items, metric: metricOf('exact'), ...of };
}

export interface WorldOptions {
  /** How often an answer is right, by the whole prompt and the number of the question. */
  readonly right: (prompt: string, question: number) => number;
  readonly name?: string;
  readonly price?: Price;
  /** Milliseconds of an answer. */
  readonly delay?: number;
  /** How often it fails instead of answering: the same draw always does. */
  readonly failing?: number;
  readonly concurrency?: number;
}

/** Wrong answers are spread over five, so that a vote finds the right one where it is the likeliest. */
export function world({ right, name = 'world', price, delay, failing = 0, concurrency = 8 }: WorldOptions): Scripted {
  return scripted(
    ({ prompt }, { choice }) => {
      const text = prompt.map(sayingOf).join('\n');
      const question = Number(/Question (\d+)\?(?!.*Question)/s.exec(text)?.[1]);
      if (failing > 0 && choice.fork('fails').categorical([1 - failing, failing]) === 1)
        return new Error('the server is away');
      const p = right(text, question);
      const drawn = choice.categorical([p, ...Array.from({ length: 5 }, () => (1 - p) / 5)]);
      const answer = drawn === 0 ? question % 7 : (question + drawn) % 7;
      return { text: `answer ${answer}`, ...(delay !== undefined && { delay }) };
    },
    { name, can: { concurrency }, ...(price && { price }) },
  );
}

const sayingOf = ({ content }: Message): string => (typeof content === 'string' ? content : textOf(content));
