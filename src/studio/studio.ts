/** What answers below `/studio/`: the pages, and what they ask. */
import { Hono } from 'hono';
import { errorAnswer, Refusal, refusalOf } from '../serve/failure.ts';
import { toResponse } from '../serve/http/answer.ts';
import type { Mount } from '../serve/index.ts';
import { pages } from './pages.ts';
import { traceRoutes } from './traces/traces.ts';
import { memoryRoutes } from './memory/memory.ts';
import { runRoutes } from './runs/runs.ts';
import { playRoutes } from './play/play.ts';
import { guard } from './guard.ts';
import type { StudioOptions } from './options.ts';
import { weights } from './weights.ts';

export interface Studio {
  /** For `mounts` of a server. */
  readonly mount: Mount;
  /** Whether others than this machine are answered: whoever has the token. */
  readonly isElsewhere: boolean;
  /** Where the pages are, once the server listens: the token is in the fragment, which no log and no server ever sees. */
  address(origin: string): string;
}

const PATH = '/studio';

export function studio(options: StudioOptions): Studio {
  const app = new Hono().basePath(PATH);
  app.use('/api/*', async (call, next) => {
    guard(call.req.raw, options);
    await next();
    call.header('cache-control', 'no-store');
  });
  app.get('/api/about', (call) =>
    call.json({
      version: options.version,
      keeps: { runs: options.store !== undefined, memory: options.memory !== undefined },
    }),
  );
  app.route('/api/play', playRoutes(options));
  app.route('/api/runs', runRoutes(options));
  app.route('/api/traces', traceRoutes(options));
  app.route('/api/memory', memoryRoutes(options));
  app.get('/api/weights', () => weights());
  app.all('/api/*', (call) => {
    throw new Refusal(`There is no ${call.req.method} ${call.req.path.slice(0, 200)}.`, {
      status: 404,
      code: 'not_found',
    });
  });
  app.get('*', pages(PATH));
  app.onError((error) => toResponse(errorAnswer(refusalOf(error))));
  return {
    mount: { path: PATH, answer: async (request, env) => app.fetch(request, env) },
    isElsewhere: options.token !== undefined,
    address: (origin) => `${origin}${PATH}/${options.token === undefined ? '' : `#token=${options.token}`}`,
  };
}
