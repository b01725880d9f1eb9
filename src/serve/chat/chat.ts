/** `POST /v1/chat/completions`. */
import type { Exchange } from '../exchange.ts';
import { basesUnder } from '../bases.ts';
import { EVENT_STREAM, eventStream } from '../events.ts';
import { behind } from '../pass/pass.ts';
import { chunksOf } from './stream.ts';
import { completionOf } from './reply.ts';
import { readChat, type Asked } from './request.ts';

export async function chat(exchange: Exchange): Promise<Response> {
  const { body, model, composed, limits } = exchange;
  const server = behind(composed, 'chat');
  if (server) return exchange.pass(server, '/chat/completions');
  const asked = withHeaders(readChat(body.fields, basesUnder(composed), limits), exchange);
  const generation = exchange.begin({ seed: asked.seed, own: asked.own.limits });
  const told = { model, composed, asked, generation };
  const headers = { 'x-plusx-generation': generation.id };
  if (asked.stream) {
    const stream = await eventStream(chunksOf(told), {
      keepAliveMs: limits.keepAliveMs,
      onLeave: exchange.leave,
      onEnd: exchange.end,
    });
    return new Response(stream, { headers: { ...headers, ...EVENT_STREAM } });
  }
  const sampled = await composed.sample({ ...asked.request, n: asked.n }, generation.context);
  const reply = completionOf(sampled, told);
  exchange.end();
  return new Response(JSON.stringify(reply), { headers: { ...headers, 'content-type': 'application/json' } });
}

/** The same wishes as headers, for clients that cannot add fields. */
function withHeaders(asked: Asked, exchange: Exchange): Asked {
  const { progress, deadlineMs } = exchange.wishes();
  return {
    ...asked,
    own: {
      progress: asked.own.progress || progress,
      limits: {
        ...asked.own.limits,
        ...(deadlineMs !== undefined && { ms: Math.min(deadlineMs, asked.own.limits.ms ?? Infinity) }),
      },
    },
  };
}
