/** The events of a responses stream that is handed on: each as it came, but for the name of the model inside of it, and what it cost. */
import { cleanText } from '../../core/calls/secrets.ts';
import { object } from '../../models/openai/protocol/index.ts';
import { refusalOf } from '../failure.ts';
import type { Incoming } from './unpacked.ts';
import { withCost } from './cost.ts';
import { changed, within } from './members.ts';
import { blocksOf, brokenOff, dataIn, parsed, type PassedOn } from './pass-events.ts';

/** Events behind which nothing more has to come. */
const LAST = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error']);

/** Numbers of events that were handed on, so that an event of ours can be the next. */
export interface Numbered {
  next: number;
}

export async function* passResponseEvents(
  incoming: Incoming,
  { model, secrets, billing, onUsage }: Omit<PassedOn, 'hidesUsage'>,
  numbered: Numbered,
): AsyncGenerator<string> {
  const name = JSON.stringify(model);
  let hasEnd = false;
  let usage: unknown;
  const one = (block: string): string => {
    const data = dataIn(block);
    const event = data === undefined ? undefined : parsed(data);
    if (data === undefined || !event) return block;
    if (typeof event['sequence_number'] === 'number') numbered.next = event['sequence_number'] + 1;
    const type = String(event['type']);
    if (LAST.has(type)) hasEnd = true;
    const response = object(event['response']);
    if (response?.['usage']) ({ usage } = response);
    const shown = response
      ? within(data, 'response', (inner) =>
          withCost('model' in response ? changed(inner, [{ name: 'model', value: name }]) : inner, response, billing),
        )
      : data;
    const said = type === 'error' || type === 'response.failed' ? cleanText(shown, secrets) : shown;
    return said === data ? block : block.replace(data, () => said);
  };
  try {
    for await (const block of blocksOf(incoming)) yield one(block);
    if (!hasEnd) throw brokenOff();
  } catch {
    throw brokenOff();
  } finally {
    onUsage(usage);
    incoming.destroy();
  }
}

/** The last event of such a stream where it fails here. */
export function responseFailure(error: unknown, { next }: Numbered): string {
  const { message, code, param } = refusalOf(error);
  const event = { type: 'error', code, message, param, sequence_number: next };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}
