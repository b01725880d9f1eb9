/** What the model of a file answers, as text: run in a browser, and beside it where the test is. */
import { ask, textOf } from '../../core/index.ts';
import { tiny } from '../../models/tiny/index.ts';
import { fromBase64 } from '../../tiny/test-support/base64.ts';
import { load, type Program } from '../file/index.ts';

/** Each question with its own number as the seed. */
export async function answersOf(program: Program, questions: readonly string[], weights?: string): Promise<string[]> {
  const base = tiny(weights === undefined ? {} : { weights: fromBase64(weights) });
  const model = await load(program, { base });
  const all = [];
  for (const [seed, question] of questions.entries())
    all.push(textOf((await ask(model, question, { seed })).sample.content));
  return all;
}
