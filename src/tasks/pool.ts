/** A recorded pool as a task: its questions, graded by what is on record about each sample. */
import {
  answerIn,
  expectedAnswer,
  isSame,
  textOf,
  user,
  type FinalAnswer,
  type Sample,
  type Request,
} from '../core/index.ts';
import { loadPool, poolModel, type Pool, type PoolItem, type PoolSample } from '../models/pool/index.ts';
import type { Metric, Task } from './task.ts';

const BEST_RATING = 10;

/** Reads a pool file as a task, with the pool itself, drawn without replacement, as its model. */
export async function poolTask(file: string): Promise<Task> {
  const pool = await loadPool(file);
  return {
    name: pool.name,
    items: pool.items.map(({ id, question, gold }) => ({
      id,
      request: { prompt: [user(question)] },
      expected: gold,
    })),
    metric: recordedMetric(pool),
    model: poolModel(pool, { replacement: false }),
  };
}

/**
 * The grade on record: 1 or 0, or the mean rating as a part of 10. An answer that is none of the recorded samples gets the
 * grade of one that says the same, and without such a one it is compared with the right answer.
 */
export function recordedMetric(pool: Pool): Metric {
  return {
    name: 'recorded',
    grade(sample, { request }) {
      const item = pool.find(request);
      const found = recordedSample(sample, item, request);
      if (found) return gradeOf(found);
      return Number(says(item.gold, answerIn(sample, request), request));
    },
  };
}

function recordedSample(sample: Sample, { samples }: PoolItem, request: Request): PoolSample | undefined {
  const text = textOf(sample.content);
  const index = sample.providerMetadata?.['plusx']?.['recorded'];
  const named = typeof index === 'number' ? samples[index] : undefined;
  if (named?.text === text) return named;
  const answer = answerIn(sample, request);
  return (
    samples.find((one) => one.text === text) ??
    samples.find((one) => answer && one.answer === answer.text) ??
    samples.find((one) => says(one.answer, answer, request))
  );
}

/** Whether a text on record is the same answer. */
function says(text: string | null | undefined, answer: FinalAnswer | undefined, request: Request): boolean {
  const recorded = typeof text === 'string' ? expectedAnswer(text, request) : undefined;
  return answer !== undefined && recorded !== undefined && isSame(answer, recorded);
}

function gradeOf({ correct, scores }: PoolSample): number {
  if (correct !== undefined || !scores) return Number(correct === true);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length / BEST_RATING;
}
