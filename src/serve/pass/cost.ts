/** What a reply that is handed on cost, where its server does not say so and its price is known. */
import { object, reportedIn, type Wire } from '../../models/openai/protocol/index.ts';
import { changed, within } from './members.ts';

/** What a call is billed at. */
export type Billing = Parameters<typeof reportedIn>[1];

/** A reply, or an event, with `cost` as the last member of its `usage`: every other byte stays. */
export function withCost(text: string, { usage }: Wire, { price, billed }: Billing): string {
  const said = object(usage);
  if (!price || !said || 'cost' in said) return text;
  const { usd } = reportedIn(said, { price, billed });
  if (usd === undefined) return text;
  return within(text, 'usage', (inner) => changed(inner, [{ name: 'cost', value: JSON.stringify(usd) }]));
}
