/** Numbers known beforehand of the recorded pools, and their measurement through the whole stack. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plus, type Model } from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { loadTask, type Task } from '../../tasks/index.ts';

const REPLAY = join(import.meta.dirname, '../../../../shared/data/replay');

/** Whether the recorded pools are there. */
export const hasPools = existsSync(REPLAY);

export interface Golden {
  readonly file: string;
  readonly n: number;
  /** In percent. */
  readonly one: number;
  readonly majority: number;
  readonly pass: number;
  readonly adaptive: number;
  readonly adaptiveSamples: number;
}

/**
 * 1 sample and pass@n by unbiased estimators; maj@n and adaptive as means over 200 random orders. Votes count the same answer as
 * one however it is spelled: of `game24_gpt4_cot`, "Notpossible" and "Notpossible." are, and its majority by texts was 7.97 (adaptive: 7.87); of
 * `cruxeval_input_codellama7b`, calls that differ in blanks are, and adaptive votes took 7.63 samples by texts.
 */
export const GOLDEN: readonly Golden[] = [
  {
    file: 'game24_gpt4_standard',
    n: 100,
    one: 7.34,
    majority: 9.53,
    pass: 33,
    adaptive: 9.33,
    adaptiveSamples: 30.8,
  },
  { file: 'game24_gpt4_cot', n: 100, one: 4.03, majority: 7.5, pass: 49, adaptive: 7.5, adaptiveSamples: 73.5 },
  { file: 'date_code002_ltm', n: 40, one: 77.1, majority: 77.16, pass: 77.72, adaptive: 77.16, adaptiveSamples: 4.39 },
  {
    file: 'cruxeval_output_codellama7b',
    n: 10,
    one: 34.21,
    majority: 34.3,
    pass: 41.88,
    adaptive: 34.3,
    adaptiveSamples: 6.26,
  },
  {
    file: 'cruxeval_input_codellama7b',
    n: 10,
    one: 35.95,
    majority: 36.31,
    pass: 47.5,
    adaptive: 36.3,
    adaptiveSamples: 7.12,
  },
];

export async function goldenTask({ file }: Golden): Promise<{ task: Task; model: Model }> {
  const task = await loadTask(`pool:${join(REPLAY, `${file}.jsonl.gz`)}`);
  if (!task.model) throw new Error('a pool brings its model');
  return { task, model: task.model };
}

export function adaptive(model: Model, { n }: Golden): Model {
  return plus(model, selfConsistency({ n, stop: 'adaptive' }));
}
