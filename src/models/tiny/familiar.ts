/** Whether the embedded model can know what it is asked: how likely the question is under the model, against held-out ones. */
import { byteLength } from '../../core/index.ts';
import { chatIds, type Runtime, type Turn } from '../../tiny/index.ts';

/**
 * Nats a byte that a question may cost. Held-out questions of the kinds that the model was made for cost at most 0.9, and
 * questions from elsewhere at least 1.9 (`node scripts/measure/unknown.ts`).
 */
export const MOST_NATS = 1.3;

/** A question of the kind that it knows, for messages. */
export const EXAMPLE = 'Paul has 58 nails. He loses 46. He buys 6 boxes of 2. How many nails does Paul have?';

/** What the last turn of a conversation costs the model, in nats a byte. */
export async function costOf({ engine, tokenizer, extend }: Runtime, turns: readonly Turn[]): Promise<number> {
  const before = chatIds(tokenizer, turns.slice(0, -1)).slice(0, -1);
  const last = turns.at(-1);
  const bytes = byteLength(last?.text ?? '');
  if (!last || bytes === 0) return 0;
  const [role = 0, ...text] = chatIds(tokenizer, [last]).slice(0, -1);
  const ids = [...before, role, ...text].slice(0, engine.config.context);
  let nats = 0;
  engine.release(
    await extend(engine.empty, ids.slice(0, -1), (index, logits) => {
      if (index >= before.length) nats -= logprob(logits, ids[index + 1] as number);
    }),
  );
  return nats / bytes;
}

function logprob(logits: Float32Array, token: number): number {
  let highest = -Infinity;
  for (const logit of logits) highest = Math.max(highest, logit);
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - highest);
  return (logits[token] as number) - highest - Math.log(total);
}
