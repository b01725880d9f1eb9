/** `POST /v1/chat/completions`. */
import { answered, type Answer } from '../http/answer.ts';
import type { Exchange } from '../exchange.ts';
import { basesUnder } from '../bases.ts';
import { EVENT_STREAM, eventStream } from '../events.ts';
import { behind } from '../pass/pass.ts';
import { serversOf } from '../pass/standby.ts';
import { chunksOf } from './stream.ts';
import { completionOf } from './reply.ts';
import { ofUser, withHeaders } from '../wishes.ts';
import { readChat } from './request.ts';

export async function chat(exchange: Exchange): Promise<Answer> {
  const { body, model, composed, limits } = exchange;
  const servers = serversOf(composed, (one) => behind(one, 'chat'));
  if (servers) return exchange.pass(servers, '/chat/completions');
  const asked = withHeaders(readChat(body.fields, basesUnder(composed), limits), exchange);
  const { n, seed, own } = asked;
  const request = ofUser(asked.request, exchange.endUser);
  const generation = await exchange.begin({ request, n, seed, own: own.limits });
  const told = { model, composed, asked: { ...asked, request }, generation };
  const headers = { 'x-plusx-generation': generation.id };
  if (asked.stream) {
    const stream = await eventStream(chunksOf(told), {
      keepAliveMs: limits.keepAliveMs,
      onLeave: exchange.leave,
      onEnd: exchange.end,
    });
    return answered(stream, { headers: { ...headers, ...EVENT_STREAM } });
  }
  const sampled = await composed.sample({ ...request, n }, generation.context);
  const reply = completionOf(sampled, told);
  exchange.end();
  return answered(JSON.stringify(reply), { headers: { ...headers, 'content-type': 'application/json' } });
}
