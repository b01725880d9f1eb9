/** What headers and the configuration add to what a request asks for. */
import type { Request } from '../core/index.ts';
import type { Asked } from './chat/request.ts';
import type { Exchange } from './exchange.ts';

/** The request of an end user, whose notes are nobody else's. */
export function ofUser(request: Request, user: string | undefined): Request {
  if (user === undefined || user === '') return request;
  const { providerOptions } = request;
  return { ...request, providerOptions: { ...providerOptions, plusx: { ...providerOptions?.['plusx'], user } } };
}

/** The wishes of the field `plusx` as headers, for clients that cannot add fields. */
export function withHeaders(asked: Asked, exchange: Exchange): Asked {
  const { progress, deadlineMs } = exchange.wishes();
  const { limits } = asked.own;
  return {
    ...asked,
    own: {
      progress: asked.own.progress || progress,
      limits: { ...limits, ...(deadlineMs !== undefined && { ms: Math.min(deadlineMs, limits.ms ?? Infinity) }) },
    },
  };
}
