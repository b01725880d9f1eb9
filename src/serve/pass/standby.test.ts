import { afterEach, describe, expect, it } from 'vitest';
import { withStandby } from '../../config/standby/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openStore } from '../../store/index.ts';
import { openaiServer, type Failure, type OpenAIServer } from '../../testing/index.ts';
import { keysIn } from '../keys/stored.ts';
import type { Permissions } from '../keys/permissions.ts';
import { listen } from '../listen.ts';
import { eventsIn } from '../test-support/serving.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

/** `m` is behind a server that fails as it is told, and `other` stands by for it. */
async function serve(failure: Failure | null, { may = {}, on }: { may?: Permissions; on?: readonly '400'[] } = {}) {
  const server = async (answers: string, failures: Failure | null): Promise<OpenAIServer> => {
    const made = await openaiServer({ answers, failures: () => failures });
    open.push(made);
    return made;
  };
  const [first, second] = [await server('Of the first.', failure), await server('Of the other.', null)];
  const model = (name: string, { url: baseURL }: OpenAIServer) =>
    openaiCompatible({
      model: `${name}-id`,
      name,
      baseURL,
      timeoutMs: 150,
      price: { input: 1e-6, output: 1e-6 },
      retry: { attempts: 1 },
    });
  const m = withStandby(model('first', first), { fallback: [{ model: model('other', second), on }] });
  const store = openStore({ file: ':memory:' });
  open.push(store);
  const { key, id } = await store.keys.add('mia', may);
  const listening = await listen({ port: 0, models: { m }, keys: await keysIn(store) });
  open.push({ close: () => listening.close(0) });
  const ask = (more: object = {}): Promise<Response> =>
    fetch(`${listening.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Who?' }], max_tokens: 9, x: 1, ...more }),
    });
  return { ask, first, second, standing: () => store.accounts.standing(id, Date.now()) };
}

const contentIn = async (response: Response): Promise<string> =>
  ((await response.json()) as { choices: [{ message: { content: string } }] }).choices[0].message.content;

describe('a request that is handed on', () => {
  it.each<[string, Failure]>([
    ['has too much to do', 429],
    ['is broken', 500],
    ['is not there', 503],
    ['says nothing', 'hang'],
    ['breaks the connection', 'reset'],
    ['breaks it in the middle', 'reset-midway'],
    ['says so in a 200', 'error-in-200'],
  ])('goes to the one that stands by where the first %s', async (_what, failure) => {
    const { ask, first, second } = await serve(failure);
    const response = await ask();
    expect([response.status, response.headers.get('x-plusx-fallback')]).toEqual([200, 'other']);
    expect(await contentIn(response)).toBe('Of the other.');
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
    // As the client wrote it, but for the name of the model.
    expect(second.requests[0]?.body).toMatchObject({ model: 'other-id', x: 1 });
  });

  it('stays where it is while nothing fails, and where it is wrong itself', async () => {
    const good = await serve(null);
    const response = await good.ask();
    expect([await contentIn(response), response.headers.get('x-plusx-fallback')]).toEqual(['Of the first.', null]);
    expect(good.second.requests).toEqual([]);
    const wrong = await serve({ status: 400, body: '{"error":{"message":"no","type":"t","code":"c","param":"x"}}' });
    const refused = await wrong.ask();
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: { message: 'no', type: 't', code: 'c', param: 'x' } },
    ]);
    expect(wrong.second.requests).toEqual([]);
    expect((await (await serve(400, { on: ['400'] })).ask()).status).toBe(200);
  });

  it('is streamed from the one that stands by', async () => {
    const { ask } = await serve(429);
    const events = await eventsIn(await ask({ stream: true }));
    expect(events.at(-1)).toBe('[DONE]');
    expect(JSON.stringify(events)).toContain('other');
  });

  it('is on the account as all of them may bill it', async () => {
    const day = { calls: 100, tokens: 100_000 };
    const refusing = await serve(500, { may: { day } });
    await (await refusing.ask()).text();
    const { usage } = (await (await refusing.ask()).json()) as { usage: { total_tokens: number } };
    await expect.poll(async () => (await refusing.standing()).day.tokens).toBe(2 * usage.total_tokens);
    const silent = await serve('hang', { may: { day } });
    await (await silent.ask()).text();
    await expect.poll(async () => (await silent.standing()).day.calls).toBe(2);
    expect((await silent.standing()).day.tokens).toBeGreaterThan(2 * usage.total_tokens);
  });

  it('asks nobody beyond the budget', async () => {
    const { ask, first, second } = await serve(500, { may: { day: { calls: 1 } } });
    const response = await ask();
    expect([response.status, first.requests.length, second.requests.length]).toEqual([402, 0, 0]);
  });

  it('is computed under techniques, which ask the one that stands by', async () => {
    const { ask } = await serve(429);
    const response = await ask({ model: 'm + selfConsistency(n=3)', x: undefined });
    const { choices, usage, plusx } = (await response.json()) as {
      choices: [{ message: { content: string } }];
      usage: { plusx: { calls: number; unreported: number; techniques: { technique: string }[] } };
      plusx: { warnings: { code: string }[] };
    };
    expect([choices[0].message.content, usage.plusx.calls, usage.plusx.unreported]).toEqual(['Of the other.', 6, 3]);
    expect(usage.plusx.techniques.map(({ technique }) => technique)).toContain('fallback');
    expect(plusx.warnings.map(({ code }) => code)).toContain('fell-back');
  });
});
