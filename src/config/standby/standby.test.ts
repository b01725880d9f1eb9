import { describe, expect, it } from 'vitest';
import { ask, BudgetExceeded, rootScope, user, type Model, type Request } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { openaiServer, type Failure, type OpenAIServer, type OpenAIServerOptions } from '../../testing/index.ts';
import { openModels } from '../models.ts';
import { checkConfig } from '../schema.ts';
import { withStandby } from './standby.ts';

interface Place {
  readonly model: Model;
  readonly server: OpenAIServer;
}

async function place(name: string, options: OpenAIServerOptions, timeoutMs = 10_000): Promise<Place> {
  const server = await openaiServer({ answers: `The answer of ${name}.`, ...options });
  const model = openaiCompatible({ model: name, name, baseURL: server.url, timeoutMs, retry: { attempts: 1 } });
  return { model, server };
}

/** A first model that fails as it is told, and one that stands by for some failures. */
async function pair(failure: Failure | null, on?: Parameters<typeof withStandby>[1]['fallback']) {
  // Only a server that never answers is not waited for: another may be slow on a busy machine.
  const first = await place('first', { failures: () => failure }, failure === 'hang' ? 200 : undefined);
  const second = await place('second', {});
  const [given] = on ?? [];
  const model = withStandby(first.model, { fallback: [{ model: second.model, on: given?.on }] });
  return { first, second, model, close: () => Promise.all([first.server.close(), second.server.close()]) };
}

describe('a model that stands by', () => {
  it.each<[string, Failure | null, readonly string[] | undefined, 'first' | 'second' | 'fails']>([
    ['nothing fails', null, undefined, 'first'],
    ['too many requests', 429, undefined, 'second'],
    ['broken', 500, undefined, 'second'],
    ['not there', 503, undefined, 'second'],
    ['silent', 'hang', undefined, 'second'],
    ['cut off', 'reset', undefined, 'second'],
    ['a wrong request', 400, undefined, 'fails'],
    ['a wrong key', 401, undefined, 'fails'],
    ['a wrong key, for which there is another', 401, ['401'], 'second'],
    ['what it does not stand by for', 500, ['429'], 'fails'],
    ['any 4xx', 404, ['4xx'], 'second'],
    ['no JSON', 'malformed', undefined, 'fails'],
    ['no JSON, for which there is another', 'malformed', ['malformed'], 'second'],
  ])('%s', async (_what, failure, on, who) => {
    const { first, second, model, close } = await pair(failure, on && [{ on: on as never, model: undefined as never }]);
    const outcome = await ask(model, 'Who?').then(
      ({ text, usage: { calls, unreported }, warnings }) => ({
        text,
        calls,
        unreported,
        fell: warnings.filter(({ code }) => code === 'fell-back').length,
      }),
      () => 'fails',
    );
    const fell = who === 'second' ? 1 : 0;
    expect(outcome).toEqual(
      who === 'fails' ? who : { text: `The answer of ${who}.`, calls: 1 + fell, unreported: fell, fell },
    );
    expect([first.server.requests.length, second.server.requests.length]).toEqual([1, who === 'second' ? 1 : 0]);
    await close();
  });

  it('is asked in the order of the list, each for its own failures', async () => {
    const places = await Promise.all([
      place('a', { failures: () => 500 }),
      place('b', {}),
      place('c', { failures: () => 429 }),
      place('d', {}),
    ]);
    const [a, b, c, d] = places;
    const model = withStandby(a.model, {
      fallback: [
        { model: b.model, on: ['429'] },
        { model: c.model, on: ['5xx'] },
        { model: d.model, on: ['429'] },
      ],
    });
    expect((await ask(model, 'Who?')).text).toBe('The answer of d.');
    expect(places.map(({ server }) => server.requests.length)).toEqual([1, 0, 1, 1]);
    await Promise.all(places.map(({ server }) => server.close()));
  });

  it('streams like any other, and takes nothing back', async () => {
    const { model, second, close } = await pair(429);
    const { context, close: end } = rootScope();
    const request: Request = { prompt: [user('Who?')] };
    let text = '';
    for await (const part of model.stream?.(request, context) ?? []) if (part.type === 'text-delta') text += part.delta;
    expect(text).toBe('The answer of second.');
    end();
    await close();
    const broken: Model = {
      ...second.model,
      async *stream() {
        yield { type: 'text-start', id: '1' };
        yield { type: 'text-delta', id: '1', delta: 'The ans' };
        throw new BudgetExceeded({ limit: 'calls', allowed: 1, spent: 1, needed: 1 });
      },
    };
    const whole = withStandby(broken, { fallback: [{ model: second.model, on: ['5xx', 'no-answer'] }] });
    const run = rootScope();
    await expect(async () => {
      for await (const _part of whole.stream?.(request, run.context) ?? []);
    }).rejects.toThrow(BudgetExceeded);
    run.close();
  });

  it('is under every technique', async () => {
    const { model, close } = await pair(503);
    const { text, usage } = await ask(selfConsistency({ n: 3 })(model), 'Who?');
    expect([text, usage.calls, usage.unreported]).toEqual(['The answer of second.', 6, 3]);
    await close();
  });
});

describe('a model that is late', () => {
  const hedged = async (first: OpenAIServerOptions, second: OpenAIServerOptions, more: object = {}) => {
    const [a, b] = await Promise.all([place('a', first, 5000), place('b', second, 5000)]);
    const model = withStandby(a.model, { hedge: { with: [b.model], afterMs: 30, ...more } });
    const begun = performance.now();
    const asked = await ask(model, 'Who?');
    await Promise.all([a.server.idle(), b.server.idle()]);
    const requests = [a, b].map(({ server }) => server.requests.map(({ state }) => state));
    await Promise.all([a.server.close(), b.server.close()]);
    return { ...asked, requests, ms: performance.now() - begun };
  };

  it('has another asked as well, and is cancelled once that one has answered', async () => {
    const { text, usage, warnings, requests } = await hedged({ latencyMs: 3000 }, {});
    expect(text).toBe('The answer of b.');
    expect(requests).toEqual([['aborted'], ['completed']]);
    expect(usage).toMatchObject({ calls: 2, unreported: 1 });
    expect(warnings).toMatchObject([{ code: 'hedged', message: expect.stringContaining('a had no answer in time') }]);
  });

  it('is asked alone while it is in time', async () => {
    const { text, usage, warnings, requests } = await hedged({}, {}, { afterMs: 2000 });
    expect([text, usage.calls, usage.unreported, warnings]).toEqual(['The answer of a.', 1, 0, []]);
    expect(requests).toEqual([['completed'], []]);
  });

  it('lets the other in at once where it fails', async () => {
    const { text, requests } = await hedged({ failures: () => 500 }, {}, { afterMs: 60_000 });
    expect([text, requests[1]]).toEqual(['The answer of b.', ['completed']]);
  });

  it('has a grace once enough others have answered, and comes first then', async () => {
    const { text, requests, usage } = await hedged({ latencyMs: 150 }, {}, { graceMs: 4000 });
    expect(text).toBe('The answer of a.');
    expect([requests, usage.unreported]).toEqual([[['completed'], ['completed']], 0]);
  });

  it('fails as the first does where all fail', async () => {
    const places = await Promise.all([place('a', { failures: () => 401 }), place('b', { failures: () => 500 })]);
    const [a, b] = places;
    const model = withStandby(a.model, { hedge: { with: [b.model] } });
    await expect(ask(model, 'Who?')).rejects.toMatchObject({ status: 401 });
    await Promise.all(places.map(({ server }) => server.close()));
  });
});

describe('the configuration', () => {
  const opened = (models: object) =>
    openModels({ file: 'plusx.config.json', folder: import.meta.dirname, config: checkConfig({ models }) });

  it('says who stands by', async () => {
    const models = await opened({
      plain: 'plusx:tiny',
      safe: {
        formula: 'plusx:tiny + reRead',
        fallback: [{ to: 'plain' }, { to: 'plusx:tiny + stepBack', on: ['no-answer'] }],
      },
      quick: { formula: 'plusx:tiny', hedge: { with: ['plain'], afterMs: 500, quorum: 1, graceMs: 100 } },
    });
    expect((await models.model('safe')).name).toContain(
      'fallback(plusx:tiny + reRead, plusx:tiny, plusx:tiny + stepBack',
    );
    expect((await models.model('quick')).name).toMatch(/^hedge\(plusx:tiny, plusx:tiny/);
    expect(models.listed.find(({ name }) => name === 'safe')?.models).toEqual(['plusx:tiny', 'plain']);
  });

  it.each([
    [{ m: { formula: 'plusx:tiny', fallback: [{ to: 'nowhere' }] } }, /models\/m: .*nowhere/],
    [{ m: { formula: 'plusx:tiny', fallback: [{ to: 'm' }] } }, /is made of itself: m -> m/],
    [{ m: { formula: 'plusx:tiny', hedge: { with: ['plusx:tiny'], quorum: 3 } } }, /quorum must be at most 2/],
  ])('is refused with its place: %j', async (models, problem) => {
    const all = await opened(models);
    await expect(all.model('m')).rejects.toThrow(problem);
  });

  it.each([
    [{ fallback: [{ on: ['429'] }] }, /fallback\/0.*to/],
    [{ fallback: [{ to: 'x', on: ['6xx'] }] }, /on\/0: must be a status such as 429, or one of 4xx, 5xx, timeout/],
    [{ hedge: { with: ['x'], quorum: 0 } }, /quorum: must be an integer from 1 to 20/],
    [{ hedge: {} }, /hedge.*with/],
  ])('is checked as it is read: %j', (more, problem) => {
    expect(() => checkConfig({ models: { m: { formula: 'plusx:tiny', ...more } } })).toThrow(problem);
  });
});
