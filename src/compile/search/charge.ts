/** What was spent before, or elsewhere, is charged to the budget of a search, which plans with what is left of it. */
import type { Context, Usage } from '../../core/index.ts';

export interface Charged {
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
}

export async function charge(
  { budget, signal }: Pick<Context, 'budget' | 'signal'>,
  { calls, tokens, usd }: Charged,
  spending: Usage,
): Promise<void> {
  if (calls === 0) return;
  const need = { calls, inputTokens: 0, outputTokens: 0, price: { input: 0, output: 0 } };
  const reservation = await budget.reserve(need, signal);
  reservation.settle({ ...spending, unreported: 0, calls, inputTokens: tokens, outputTokens: 0, usd });
}
