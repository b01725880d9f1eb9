/** The server as a function from request to response, to be mounted anywhere that speaks the web's own types. */
import { Hono, type Context as Call } from 'hono';
import { requestId } from './http/id.ts';
import { toResponse, type Answer } from './http/answer.ts';
import { createBag } from './http/bag.ts';
import { readBody, textOf } from './body.ts';
import { chat } from './chat/chat.ts';
import { composer } from './composing.ts';
import { LIMITS, type ServeOptions } from './config.ts';
import { checkLocal, isNode, presenceAt, presenceOf, type Arrived, type IncomingHttp } from './connection.ts';
import { exchanging, type Ended, type Exchange, type Facilities } from './exchange.ts';
import { errorAnswer, Refusal, refusalOf } from './failure.ts';
import { COMPLETIONS, EMBEDDINGS, handingOn } from './pass/only.ts';
import { deleted, retrieved } from './responses/kept.ts';
import { responses } from './responses/responses.ts';
import { ANYBODY, type Caller } from './keys/keys.ts';
import { askedBy, overHttp } from './mcp/mcp.ts';
import { takeFeedback } from './observe/feedback.ts';
import { overheard } from './observe/overheard.ts';
import { recentAnswers } from './observe/recent.ts';
import { telling } from './observe/telling.ts';

/** Answers a request. The second argument is what a server knows of the connection; only Node's is made use of. */
export type Handler = (request: Request, env?: unknown) => Promise<Response>;

/** Answers whatever has arrived. It never throws. */
export type Route = (arrived: Arrived) => Promise<Answer>;

/** A handler with what whoever runs it needs besides. */
export interface Service {
  readonly handle: Handler;
  /** What answers at a path that is posted to: for a server that need not make a `Request` of what it gets. */
  post(path: string): Route | undefined;
  /** The most bytes that a body may have. */
  readonly mostBytes: number;
  /** Says from now on that it is not ready for more. */
  drain(): void;
  /** Whether no request is under way. */
  isIdle(): boolean;
  /** Ends what is under way with the best answers so far. */
  cut(): void;
}

export function handler(options: ServeOptions): Handler {
  return service(options).handle;
}

export function service(options: ServeOptions): Service {
  const limits = { ...LIMITS, ...options.limits };
  const made = composer(options);
  const began = Math.floor(Date.now() / 1000);
  const app = new Hono();
  const running = createBag<() => void>();
  const recent = recentAnswers();
  const handle: Handler = async (request, env) => app.fetch(request, isObject(env) ? env : {});
  let isDraining = false;

  const callerOf = async (incoming: IncomingHttp): Promise<Caller> => {
    const { keys, mountsOnly } = options;
    if (mountsOnly) throw new Refusal('Models are not served here.', { status: 403, code: 'not_served' });
    if (keys) {
      const caller = await keys.callerOf(bearerIn(incoming));
      if (!caller)
        throw new Refusal('This key is not known. Send one as `Authorization: Bearer KEY`.', {
          status: 401,
          code: 'invalid_api_key',
        });
      return caller;
    }
    if (!options.open) checkLocal(incoming);
    return ANYBODY;
  };

  const { begun, told } = telling(options);
  const listens = options.logs?.content === true;
  const answering =
    (route: string, answer: (exchange: Exchange) => Promise<Answer>): Route =>
    async (arrived) => {
      const start = begun();
      const id = requestId();
      const telemetry = options.telemetry?.request({ method: 'POST', route, header: arrived.header });
      let ended: Ended | undefined;
      let given: Answer | undefined;
      let answered: string | undefined;
      const tell = (): void => {
        if (ended && given && (answered !== undefined || !listens))
          told({ id, route, start, given, ended, answered, telemetry });
      };
      const facilities: Facilities = {
        id,
        telemetry,
        options,
        limits,
        composer: made,
        running,
        recent: options.store && recent,
        onEnd: (one) => {
          ended = one;
          tell();
        },
      };
      try {
        const caller = await callerOf(arrived);
        const exchange = (): Promise<Answer> => exchanging(arrived, caller, facilities, answer);
        given = await (telemetry?.within ? telemetry.within(exchange) : exchange());
      } catch (error) {
        given = errorAnswer(refusalOf(error), { 'x-request-id': id });
        ended ??= { error }; // nobody was let in
      }
      if (!listens) {
        tell();
        return given;
      }
      return overheard(given, (text) => {
        answered = text;
        tell();
      });
    };
  /** A route that asks no model. */
  const plain =
    (route: string, answer: (call: Call) => Promise<Response> | Response) =>
    async (call: Call): Promise<Response> => {
      const start = begun();
      let error: unknown;
      let response: Response;
      try {
        response = await answer(call);
      } catch (met) {
        error = met;
        response = toResponse(errorAnswer(refusalOf(met)));
      }
      told({ route, start, given: { status: response.status, headers: {} }, ended: { error } });
      return response;
    };

  const posts: { readonly [path: string]: Route } = {
    '/v1/chat/completions': answering('/v1/chat/completions', chat),
    '/v1/responses': answering('/v1/responses', responses),
    '/v1/completions': answering('/v1/completions', handingOn(COMPLETIONS)),
    '/v1/embeddings': answering('/v1/embeddings', handingOn(EMBEDDINGS)),
  };
  for (const [path, route] of Object.entries(posts))
    app.post(path, async (call) => toResponse(await route(arrivedAt(call))));
  app.get(
    '/v1/models',
    plain('/v1/models', async (call) => {
      const caller = await callerOf(arrivedAt(call));
      return call.json({ object: 'list', data: made.names(caller).map((id) => listed(id, began)) });
    }),
  );
  app.get(
    '/v1/models/:id{.+}',
    plain('/v1/models', async (call) => {
      const id = call.req.param('id') ?? ''; // decoded, where it can be
      await made.compose(id, await callerOf(arrivedAt(call)));
      return call.json(listed(id, began));
    }),
  );
  const kept =
    (work: typeof retrieved) =>
    async (call: Call): Promise<Response> =>
      call.json(await work(call.req.param('id') ?? '', await callerOf(arrivedAt(call)), options));
  app.get('/v1/responses/:id', plain('/v1/responses', kept(retrieved)));
  app.delete('/v1/responses/:id', plain('/v1/responses', kept(deleted)));
  app.post(
    '/v1/feedback',
    plain('/v1/feedback', async (call) => {
      const arrived = arrivedAt(call);
      const caller = await callerOf(arrived);
      const { fields } = await readBody(arrived, limits.bodyBytes);
      return call.json(await takeFeedback(fields, caller, { store: options.store, recent }));
    }),
  );
  const { mcp, metrics, keys, mounts = [] } = options;
  for (const { path, answer } of mounts) {
    const route = plain(path, (call) => answer(call.req.raw, isObject(call.env) ? call.env : {}));
    app.all(path, route);
    app.all(`${path}/*`, route);
  }
  if (mcp)
    app.all(
      '/mcp',
      plain('/mcp', async (call) => {
        const arrived = arrivedAt(call);
        const caller = await callerOf(arrived);
        const models = mcp.filter(({ name }) => caller.mayUseModel(name));
        return overHttp(call.req.raw, arrived.presence(), { models, handle, ...askedBy(call.req.raw) });
      }),
    );
  app.get(
    '/healthz',
    plain('/healthz', (call) => call.json({ status: 'ok' })),
  );
  app.get(
    '/readyz',
    plain('/readyz', (call) => (isDraining ? call.json({ status: 'draining' }, 503) : call.json({ status: 'ready' }))),
  );
  if (metrics)
    app.get(
      '/metrics',
      plain('/metrics', async (call) => {
        const arrived = arrivedAt(call);
        // They tell of every client: without keys they are for this machine alone, whoever else is let in.
        if (!keys) checkLocal(arrived);
        if (!(await callerOf(arrived)).mayReadMetrics) throw notForThisKey();
        return new Response(await metrics.text({ waiting: keys?.waiting ?? 0 }), {
          headers: { 'content-type': metrics.contentType },
        });
      }),
    );
  app.all(
    '*',
    plain('other', (call) => {
      const { method, path } = call.req;
      const allowed = path === '/metrics' && !metrics ? undefined : ROUTES[path];
      throw allowed !== undefined && allowed !== method
        ? new Refusal(`${path} takes ${allowed}, not ${method}.`, { status: 405, code: 'method_not_allowed' })
        : new Refusal(`There is no ${method} ${path.slice(0, 200)}.${wayTo(path)}`, { status: 404, code: 'not_found' });
    }),
  );
  app.onError((error) => toResponse(errorAnswer(refusalOf(error))));

  return {
    handle,
    post: (path) => (Object.hasOwn(posts, path) ? posts[path] : undefined),
    mostBytes: limits.bodyBytes,
    drain: () => void (isDraining = true),
    isIdle: () => running.size === 0,
    cut: () => {
      for (const cut of running) cut();
    },
  };
}

const ROUTES: { readonly [path: string]: string } = {
  '/v1/chat/completions': 'POST',
  '/v1/responses': 'POST',
  '/v1/completions': 'POST',
  '/v1/embeddings': 'POST',
  '/v1/feedback': 'POST',
  '/v1/models': 'GET',
  '/healthz': 'GET',
  '/readyz': 'GET',
  '/metrics': 'GET',
};

/** What to do about a base URL that lacks its end, or has it twice. */
function wayTo(path: string): string {
  const meant = path.startsWith('/v1/v1/') ? path.slice(3) : `/v1${path}`;
  return Object.hasOwn(ROUTES, meant) && meant.startsWith('/v1/') && !Object.hasOwn(ROUTES, path)
    ? ` The base URL of a client ends with /v1, once: ask for ${meant}.`
    : '';
}

/** A web request, as the routes see it. */
function arrivedAt({ req: { raw: request }, env }: Call): Arrived {
  return {
    host: new URL(request.url).host,
    header: (name) => request.headers.get(name) ?? undefined,
    text: (bytes) => textOf(request, bytes),
    presence: () => (isNode(env) ? presenceAt(env.outgoing) : presenceOf(request.signal)),
  };
}

const notForThisKey = (): Refusal =>
  new Refusal('This key may not read the metrics. Make one that may: `plusx keys add NAME --metrics`.', {
    status: 403,
    code: 'metrics_not_allowed',
  });

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const listed = (id: string, created: number) => ({ id, object: 'model', created, owned_by: 'plusx' });

function bearerIn({ header }: IncomingHttp): string {
  const [, key = ''] = /^Bearer +(\S+)$/i.exec(header('authorization') ?? '') ?? [];
  return key;
}
