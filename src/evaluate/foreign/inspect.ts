/** A log of Inspect, as it writes it with `--log-format json`. */
import type { Answered } from '../regrade.ts';
import type { ItemResult, RunFacts } from '../records.ts';
import {
  contentIn,
  fieldsOf,
  gradeOf,
  listOf,
  made,
  numberOf,
  questionIn,
  repliesIn,
  textOf,
  type Fields,
} from './fields.ts';

export function inspectLog(
  results: readonly ItemResult[],
  { task, formula, metric, seed }: RunFacts,
  at: Date,
): unknown {
  const failed = results.filter(({ replies }) => replies.length === 0);
  const created = `${at.toISOString().slice(0, 19)}+00:00`;
  const sample = ({ id, question, expected }: ItemResult, epoch: number): Fields => ({
    id,
    epoch,
    input: question,
    target: Array.isArray(expected) ? expected.map(textOf) : textOf(expected),
  });
  return {
    version: 2,
    status: 'success',
    eval: {
      created,
      task,
      model: formula,
      model_args: {},
      config: { epochs: Math.max(1, ...results.map(({ replies }) => replies.length)) },
      metadata: { seed },
      dataset: { name: task, samples: results.length, sample_ids: results.map(({ id }) => id) },
    },
    samples: [
      ...repliesIn(results).map(({ result, reply, i }) => ({
        ...sample(result, i + 1),
        output: {
          model: formula,
          choices: [{ message: { role: 'assistant', content: reply.text }, stop_reason: 'stop' }],
          completion: reply.text,
          ...(reply.ms !== undefined && { time: reply.ms / 1000 }),
          ...(reply.usage.inputTokens !== undefined &&
            reply.usage.outputTokens !== undefined && {
              usage: {
                input_tokens: reply.usage.inputTokens,
                output_tokens: reply.usage.outputTokens,
                total_tokens: reply.usage.inputTokens + reply.usage.outputTokens,
              },
            }),
        },
        scores: { [metric]: { value: reply.grade, ...(reply.answer !== null && { answer: reply.answer }) } },
      })),
      ...failed.map((result) => ({
        ...sample(result, 1),
        error: { message: result.error ?? 'no reply', traceback: '', traceback_ansi: '' },
      })),
    ],
  };
}

/** With several scorers the first one's grades count. */
export function inspectResults(run: Fields, samples: readonly unknown[], file: string): Answered {
  const byId = Map.groupBy(samples.map(fieldsOf), ({ id }) => textOf(id));
  const [first] = [...byId.values()].flat().flatMap(({ scores }) => Object.keys(fieldsOf(scores)));
  const results = [...byId].map(([id, epochs]): ItemResult => {
    const { input, target, error } = epochs[0] as Fields;
    const replies = epochs.flatMap(({ output, scores }) => {
      const { completion, choices, usage, time } = fieldsOf(output);
      const said = fieldsOf(listOf(choices)[0])['message'];
      const score = fieldsOf(scores)[first ?? ''];
      if (score === undefined || (said === undefined && completion === undefined)) return [];
      const { value, answer } = fieldsOf(score);
      const { input_tokens: inputTokens, output_tokens: outputTokens } = fieldsOf(usage);
      const seconds = numberOf(time);
      return [
        {
          text: completion === undefined ? contentIn(fieldsOf(said)['content']) : textOf(completion),
          grade: gradeOf(value),
          answer: typeof answer === 'string' ? answer : null,
          inputTokens: numberOf(inputTokens),
          outputTokens: numberOf(outputTokens),
          ...(seconds !== undefined && { ms: 1000 * seconds }),
        },
      ];
    });
    return made(id, questionIn(input), target, replies, textOf(fieldsOf(error)['message'] ?? error));
  });
  return {
    task: textOf(run['task']) || file,
    formula: textOf(run['model']) || file,
    metric: first ?? '',
    seed: 0,
    results,
  };
}
