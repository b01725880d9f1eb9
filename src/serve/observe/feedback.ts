/** `POST /v1/feedback`: what a client thinks of an answer that it got. */
import type { Feedback, Store } from '../../store/index.ts';
import type { Wire } from '../../models/openai/protocol/index.ts';
import { Refusal } from '../failure.ts';
import type { Caller } from '../keys/keys.ts';
import { traceOf, type RecentAnswers } from './recent.ts';

/** Letters of a comment and of a correction. */
const MOST_COMMENT = 10_000;
const MOST_CORRECTION = 100_000;

const FIELDS = ['generation', 'score', 'comment', 'correction'];

/** Keeps it beside the trace. Throws Refusal where the answer is not one that this caller got. */
export async function takeFeedback(
  fields: Wire,
  caller: Caller,
  { store, recent }: { readonly store: Store | undefined; readonly recent: RecentAnswers },
): Promise<Wire> {
  if (!store)
    throw new Refusal('This server keeps no traces, so there is nothing to say it of. Start it with `--store FILE`.', {
      status: 404,
      code: 'no_store',
    });
  const feedback = readFeedback(fields);
  const { generation } = feedback;
  const handed = recent.find(generation);
  if (handed?.owner === caller.key && handed) {
    await store.traces.put(traceOf(handed), { owner: caller.key });
    await store.feedback.put(feedback);
    return { object: 'feedback', ...feedback };
  }
  const of = await store.traces.of(generation);
  // Whether there is such an answer of somebody else is nobody's business.
  if (!of || of.run !== undefined || of.owner !== caller.key)
    throw new Refusal(`There is no generation ${JSON.stringify(generation)} of this key.`, {
      status: 404,
      code: 'generation_not_found',
      param: 'generation',
    });
  await store.feedback.put(feedback);
  return { object: 'feedback', ...feedback };
}

function readFeedback(fields: Wire): Feedback {
  const odd = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (odd !== undefined) throw wrong(odd, `is no field of a feedback. There are: ${FIELDS.join(', ')}`);
  const { generation, score } = fields;
  // The id of a reply names it too.
  const [, id] = /^(?:chatcmpl-|resp_)?([0-9a-f]{16})$/.exec(typeof generation === 'string' ? generation : '') ?? [];
  if (id === undefined)
    throw wrong(
      'generation',
      'must be the id of a generation: `x-plusx-generation` of a reply, or the id of the reply',
    );
  const isScore = typeof score === 'number' && score >= 0 && score <= 1;
  if (score !== undefined && !isScore) throw wrong('score', 'must be a number from 0 to 1');
  const comment = textIn(fields, 'comment', MOST_COMMENT);
  const correction = textIn(fields, 'correction', MOST_CORRECTION);
  if (score === undefined && comment === undefined && correction === undefined)
    throw wrong('score', 'or `comment` or `correction` must be there');
  return {
    generation: id,
    ...(isScore && { score }),
    ...(comment !== undefined && { comment }),
    ...(correction !== undefined && { correction }),
  };
}

function textIn(fields: Wire, name: string, most: number): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > most || !value.isWellFormed())
    throw wrong(name, `must be a text of at most ${most} letters`);
  return value;
}

const wrong = (param: string, rule: string): Refusal =>
  new Refusal(`\`${param}\` ${rule}.`, { param, code: 'invalid_value' });
