/** Batches against a loopback server of the protocol: what is sent, what comes back, and that nothing is submitted twice. */
import { expect, it } from 'vitest';
import { BATCH_PAGES, REPLY_BYTES } from '../../../core/bounds.ts';
import { memoryJournal, rootScope, user, type Journal, type Model, type Sampled } from '../../../core/index.ts';
import { batchServer, type BatchServerOptions } from '../../../testing/servers/batch-server.ts';
import { openaiServer } from '../../../testing/index.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from '../openai-compatible.ts';
import { batched, type BatchOptions } from './batch.ts';

/** Five requests make a batch, whatever time they take to come. */
const QUICK: BatchOptions = { most: 5, quietMs: 60_000, pollMs: 5 };
const price = { input: 2e-6, output: 8e-6 };
const ANSWERS: BatchServerOptions['answers'] = { yes: 0.5, no: 0.5 };

const modelAt = (baseURL: string, batch?: BatchOptions, more: Partial<OpenAICompatibleOptions> = {}): Model => {
  const options = { model: 'm', baseURL, apiKey: 'k', price, retry: { firstWaitMs: 1 }, ...more };
  return openaiCompatible(batch ? batched(options, batch) : options);
};

const QUESTIONS = Array.from({ length: 5 }, (_, i) => `Question ${i}?`);

async function askAll(model: Model, signal?: AbortSignal): Promise<Sampled[]> {
  const { context, close } = rootScope({ seed: 1, signal });
  try {
    return await Promise.all(
      QUESTIONS.map((question) =>
        model.sample({ prompt: [user(question)] }, { ...context, choice: context.choice.fork(question) }),
      ),
    );
  } finally {
    close();
  }
}

const urlOf = (input: string | URL | Request): string => (input instanceof Request ? input.url : input.toString());

/** The message of what it fails with. */
const refusalOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : 'no error'),
  );

const textsOf = (all: readonly Sampled[]): unknown[] => all.map(({ samples }) => samples[0]?.content);
const costOf = (all: readonly Sampled[]): number => all.reduce((sum, { usage }) => sum + (usage.usd ?? Number.NaN), 0);

it('one batch answers what plain requests would, for half the price', async () => {
  const server = await batchServer({ answers: ANSWERS, apiKey: 'k', looks: 3 });
  try {
    const batched = await askAll(modelAt(server.url, QUICK));
    const plain = await askAll(modelAt(server.server.url));
    expect(textsOf(batched)).toEqual(textsOf(plain));
    expect(server.batches.map(({ lines }) => lines)).toEqual([5]);
    expect(costOf(batched)).toBeCloseTo(costOf(plain) / 2, 12);
    expect(costOf(batched)).toBeGreaterThan(0);
  } finally {
    await server.close();
  }
});

it('larger than a batch may be, it is several', async () => {
  const server = await batchServer();
  try {
    await askAll(modelAt(server.url, { ...QUICK, most: 2, quietMs: 20 }));
    const lines = server.batches.map((one) => one.lines);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(Math.max(...lines)).toBeLessThanOrEqual(2);
  } finally {
    await server.close();
  }
});

it('stopped while it waits, the same requests are found in the batch that is there', async () => {
  const server = await batchServer({ answers: ANSWERS, looks: 100 });
  const journal = memoryJournal();
  try {
    const stop = new AbortController();
    const stopped = askAll(modelAt(server.url, { ...QUICK, journal }), stop.signal);
    await expect.poll(() => server.batches.length, { interval: 1 }).toBe(1); // long before it is done
    stop.abort(new Error('killed'));
    await expect(stopped).rejects.toThrow('killed');
    const found = await askAll(modelAt(server.url, { ...QUICK, journal }));
    expect(server.batches).toHaveLength(1);
    expect(textsOf(found)).toEqual(textsOf(await askAll(modelAt(server.server.url))));
  } finally {
    await server.close();
  }
});

/** A journal of a process that is killed as soon as the server has made a batch. */
const killedBeforeNoted = (kept: Journal): Journal => ({
  get: (key) => kept.get(key),
  put(key, entry) {
    if (key.includes('batch of')) throw new Error('killed');
    return kept.put(key, entry);
  },
});

it('killed after the batch was made and before that was noted, the batch is looked up at the server', async () => {
  const server = await batchServer({ answers: ANSWERS });
  const kept = memoryJournal();
  try {
    const once = { retry: { attempts: 1 } };
    await expect(askAll(modelAt(server.url, { ...QUICK, journal: killedBeforeNoted(kept) }, once))).rejects.toThrow(
      'killed',
    );
    expect(server.batches).toHaveLength(1);
    await askAll(modelAt(server.url, { ...QUICK, journal: kept }));
    expect(server.batches).toHaveLength(1);
  } finally {
    await server.close();
  }
});

it('a batch is found in the list of a server that made hundreds for others since, and the list is read no further than it must be', async () => {
  const server = await batchServer({ answers: ANSWERS, others: { before: 1000, afterEach: 250 } });
  const kept = memoryJournal();
  const pages: string[] = [];
  const counting: typeof fetch = (input, init) => {
    if (urlOf(input).includes('limit=')) pages.push(urlOf(input));
    return fetch(input, init);
  };
  const more = { retry: { attempts: 1 }, fetch: counting };
  try {
    const killed = modelAt(server.url, { ...QUICK, journal: killedBeforeNoted(kept) }, more);
    await expect(askAll(killed)).rejects.toThrow('killed');
    expect(pages).toHaveLength(1); // what is older than the file is not of it
    await askAll(modelAt(server.url, { ...QUICK, journal: kept }, more));
    expect(server.batches).toHaveLength(1);
    expect(pages).toHaveLength(1 + 3);
  } finally {
    await server.close();
  }
});

it('a list of batches without an end is an error of one line, and no batch is made', async () => {
  const server = await batchServer({ answers: ANSWERS });
  let pages = 0;
  const endless: typeof fetch = async (input, init) => {
    if (!urlOf(input).includes('limit=')) return fetch(input, init);
    const data = [{ id: `b${++pages}`, input_file_id: 'theirs', created_at: 2_000_000_000 - pages }];
    return Response.json({ data, has_more: true });
  };
  try {
    const said = await refusalOf(askAll(modelAt(server.url, QUICK, { fetch: endless })));
    expect(said).toMatch(/more than 100 pages of batches, and none of the first is of the file .*--run NAME/);
    expect(said.split('\n')).toHaveLength(1);
    expect(pages).toBe(BATCH_PAGES);
    expect(server.batches).toHaveLength(0);
  } finally {
    await server.close();
  }
});

it('a list that gives the same page for ever has an end', async () => {
  const server = await batchServer({ answers: ANSWERS });
  const same: typeof fetch = async (input, init) =>
    urlOf(input).includes('limit=')
      ? Response.json({ data: [{ id: 'b', input_file_id: 'theirs' }], has_more: true })
      : fetch(input, init);
  try {
    await askAll(modelAt(server.url, QUICK, { fetch: same }));
    expect(server.batches).toHaveLength(1);
  } finally {
    await server.close();
  }
});

it('when the last one who waits has left, the batch is looked at no more', async () => {
  const server = await batchServer({ answers: ANSWERS, looks: Infinity });
  let looks = 0;
  const counting: typeof fetch = (input, init) => {
    if (/\/batches\/[\w-]+$/.test(urlOf(input))) looks++;
    return fetch(input, init);
  };
  const model = modelAt(server.url, { ...QUICK, most: 2 }, { fetch: counting });
  const stops = [new AbortController(), new AbortController()];
  const asked = stops.map(async ({ signal }, i) => {
    const { context, close } = rootScope({ seed: i, signal });
    try {
      return await model.sample({ prompt: [user(`q${i}`)] }, context);
    } finally {
      close();
    }
  });
  for (const one of asked) one.catch(() => undefined);
  try {
    await expect.poll(() => looks, { interval: 1 }).toBeGreaterThan(0);
    stops[0]?.abort(new Error('one left'));
    await expect(asked[0]).rejects.toThrow('one left');
    const then = looks;
    await expect.poll(() => looks, { interval: 1 }).toBeGreaterThan(then + 1); // the other one waits
    stops[1]?.abort(new Error('both left'));
    await expect(asked[1]).rejects.toThrow('both left');
    const last = looks;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(looks).toBe(last);
  } finally {
    await server.close();
  }
});

it('an answer that is too long is an error of one line, read once and no further than its bound', async () => {
  const server = await batchServer({ answers: ANSWERS });
  let [pieces, fetched] = [0, 0];
  const piece = new Uint8Array(2 ** 20).fill(120);
  const endless: typeof fetch = async (input, init) => {
    if (!urlOf(input).endsWith('/content')) return fetch(input, init);
    fetched++;
    return new Response(
      new ReadableStream({
        pull(to) {
          pieces++;
          to.enqueue(piece);
        },
      }),
    );
  };
  try {
    const said = await refusalOf(askAll(modelAt(server.url, QUICK, { fetch: endless })));
    expect(said).toContain(`or one of more than ${REPLY_BYTES}`);
    expect(said).toContain('--max-tokens');
    expect(said.split('\n')).toHaveLength(1);
    expect(fetched).toBe(1);
    expect(pieces * piece.length).toBeLessThan(REPLY_BYTES + 4 * piece.length);
  } finally {
    await server.close();
  }
});

it('an answer of brackets is an answer, and is not asked for again', async () => {
  const brackets = '['.repeat(300);
  const server = await batchServer({ answers: { [brackets]: 1 } });
  try {
    expect(textsOf(await askAll(modelAt(server.url, QUICK)))[0]).toEqual([{ type: 'text', text: brackets }]);
    expect(server.batches).toHaveLength(1);
  } finally {
    await server.close();
  }
});

it('keys and questions follow no redirect to another server', async () => {
  const server = await batchServer({ answers: ANSWERS });
  const elsewhere = await openaiServer();
  const moving: typeof fetch = async (input, init) =>
    urlOf(input).includes('limit=') && init?.redirect !== 'manual'
      ? fetch(`${elsewhere.url}/models`, init)
      : urlOf(input).includes('limit=')
        ? new Response(null, { status: 302, headers: { location: `${elsewhere.url}/models` } })
        : fetch(input, init);
  try {
    await expect(askAll(modelAt(server.url, QUICK, { fetch: moving }))).rejects.toThrow('/batches answered 302');
    expect(server.batches).toHaveLength(0);
  } finally {
    await server.close();
    await elsewhere.close();
  }
});

it('an address with a query has its batches at addresses with that query', async () => {
  const server = await batchServer({ answers: ANSWERS });
  const asked: string[] = [];
  const noting: typeof fetch = (input, init) => (asked.push(urlOf(input)), fetch(input, init));
  try {
    await askAll(modelAt(`${server.url}?api-version=7`, QUICK, { fetch: noting }));
    expect(server.batches).toHaveLength(1);
    expect(asked.filter((url) => !url.includes('?api-version=7'))).toEqual([]);
  } finally {
    await server.close();
  }
});

it.each([1, 3, 5])(
  'killed when line %i was noted, no batch was made, and the next process makes one of all',
  async (noted) => {
    const server = await batchServer({ answers: ANSWERS });
    const kept = memoryJournal();
    let lines = 0;
    const killing: Journal = {
      get: (key) => kept.get(key),
      put(key, entry) {
        if (key.startsWith('batch\nall of') || (key.startsWith('batch\nline') && ++lines > noted))
          throw new Error('killed');
        return kept.put(key, entry);
      },
    };
    try {
      const once = { retry: { attempts: 1 } };
      await expect(askAll(modelAt(server.url, { ...QUICK, journal: killing }, once))).rejects.toThrow('killed');
      expect(server.batches).toHaveLength(0);
      await askAll(modelAt(server.url, { ...QUICK, journal: kept }));
      expect(server.batches.map((batch) => batch.lines)).toEqual([5]);
      await askAll(modelAt(server.url, { ...QUICK, journal: kept }));
      expect(server.batches).toHaveLength(1);
    } finally {
      await server.close();
    }
  },
);

/** The server, with some of its answers in the place of others. */
const changed =
  (change: (url: string, times: number) => Response | undefined): typeof fetch =>
  async (...request) => {
    const { url } = new Request(...request);
    seen.set(url, (seen.get(url) ?? 0) + 1);
    return change(url, seen.get(url) ?? 0) ?? fetch(...request);
  };
const seen = new Map<string, number>();

it('answers that cannot be fetched for a moment are fetched again, and a line that is none is left out', async () => {
  const server = await batchServer({ answers: ANSWERS });
  const failing = changed((url, times) => {
    if (!url.includes('/content') || times > 2) return undefined;
    return times === 1 ? Response.json({ error: 'busy' }, { status: 503 }) : new Response('{"custom_id": no\n');
  });
  try {
    const all = await askAll(modelAt(server.url, { ...QUICK, quietMs: 200 }, { fetch: failing }));
    expect(textsOf(all)).toEqual(textsOf(await askAll(modelAt(server.server.url))));
    // What was paid for and came is not asked again; of the file that was no file nothing came.
    expect(server.batches.length).toBeLessThanOrEqual(2);
  } finally {
    await server.close();
  }
});

it.each([
  ['cancelled', {}, 'is cancelled and has no answer to this request. Repeat the command'],
  [
    'failed',
    { errors: { data: [{ message: 'no such model' }] } },
    'is failed and has no answer to this request: no such model',
  ],
])('a batch that is %s is an error of one line, and is not made again by itself', async (status, more, says) => {
  const server = await batchServer({ answers: ANSWERS });
  const ending = changed((url) => (/\/batches\/[\w-]+$/.test(url) ? Response.json({ status, ...more }) : undefined));
  try {
    await expect(askAll(modelAt(server.url, QUICK, { fetch: ending }))).rejects.toThrow(says);
    expect(server.batches).toHaveLength(1);
  } finally {
    await server.close();
  }
});

it('what expired is asked again in another batch, and what was refused is an error of its own', async () => {
  const expiring = await batchServer({ fate: (index, batch) => (index === 1 && batch === 0 ? 'expired' : undefined) });
  const refusing = await batchServer({ fate: (index) => (index === 0 ? 400 : undefined) });
  try {
    const all = await askAll(modelAt(expiring.url, { ...QUICK, quietMs: 200 }));
    expect(all).toHaveLength(5);
    expect(expiring.batches.reduce((sum, { lines }) => sum + lines, 0)).toBe(6);
    await expect(askAll(modelAt(refusing.url, QUICK))).rejects.toThrow('answered 400');
  } finally {
    await expiring.close();
    await refusing.close();
  }
});

it('a server without a batch endpoint is told of in one line, and nothing is asked one by one', async () => {
  const server = await openaiServer();
  try {
    await expect(askAll(modelAt(server.url, QUICK))).rejects.toThrow('this server has no batch endpoint');
    expect(server.requests).toHaveLength(0);
  } finally {
    await server.close();
  }
});
