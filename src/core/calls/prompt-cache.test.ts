import { describe, expect, it } from 'vitest';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { ask, NO_USAGE, plus, stream, system, user, type Clock, type Request } from '../index.ts';
import type { Backend } from './backend.ts';
import { fromBackend } from './from-backend.ts';
import { firstCallAlone, type PromptCache } from './prompt-cache.ts';

const LONG = 'a long text '.repeat(500);
const QUESTION: Request = { prompt: [user(LONG)] };

/** A back end that notes how many calls were under way when each began, and answers with its number. */
function watched(what: PromptCache | undefined, { fails = () => false }: { fails?: (call: number) => boolean } = {}) {
  const begun: number[] = [];
  let open = 0;
  const backend: Backend = {
    name: 'watched',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 1, outputTokens: 1 }),
    async call(_request, { signal }) {
      const call = begun.push(open++) - 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      signal.throwIfAborted();
      if (fails(call)) throw new Error(`call ${call} failed`);
      const text = { type: 'text' as const, text: `answer ${call}` };
      return { candidates: [{ content: [text], finish: { unified: 'stop', raw: undefined } }], usage: NO_USAGE };
    },
    async *stream(request, io) {
      const { candidates, usage } = await this.call(request, io);
      for (const candidate of candidates) yield { type: 'reply', candidate, usage };
    },
  };
  return { model: fromBackend(what ? firstCallAlone(backend, what) : backend), begun };
}

describe('calls with one long prompt', () => {
  it('all start together where nothing is said', async () => {
    const { model, begun } = watched(undefined);
    await ask(plus(model, selfConsistency({ n: 4 })), QUESTION);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('wait for the first of them', async () => {
    const { model, begun } = watched('prompt');
    await ask(plus(model, selfConsistency({ n: 4 })), QUESTION);
    expect(begun).toEqual([0, 0, 1, 2]);
    await ask(plus(model, bestOfN({ n: 3, score: () => 1 })), QUESTION);
    expect(begun.slice(4)).toEqual([0, 1, 2]); // it is known by now
  });

  it('wait through every technique, and in streams', async () => {
    const { model, begun } = watched('prompt');
    const nested = plus(model, bestOfN({ n: 2, score: () => 1 }), selfConsistency({ n: 2 }));
    for await (const _ of stream(nested, QUESTION));
    expect(begun).toEqual([0, 0, 1, 2]);
  });

  it('have the answers that they would have had', async () => {
    const texts = async (what: PromptCache | undefined) =>
      (await ask(watched(what).model, { ...QUESTION, n: 3 })).samples.map(({ content }) => content);
    expect(await texts('prompt')).toEqual(await texts(undefined));
  });

  it('are not made where the first fails and ends it all, and the next ones begin again with one', async () => {
    const { model, begun } = watched('prompt', { fails: (call) => call === 0 });
    await expect(ask(model, { ...QUESTION, n: 4 })).rejects.toThrow('call 0 failed');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(begun).toEqual([0]);
    await ask(model, { ...QUESTION, n: 3 });
    expect(begun.slice(1)).toEqual([0, 0, 1]);
  });

  it('go on where the first fails and the others do not need it', async () => {
    const { model, begun } = watched('prompt', { fails: (call) => call === 0 });
    const all = await Promise.allSettled([0, 1, 2].map((seed) => ask(model, QUESTION, { seed })));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(begun).toEqual([0, 0, 1]);
  });

  it('make no call that was cancelled while it waited', async () => {
    const { model, begun } = watched('prompt');
    const stop = new AbortController();
    const asked = ask(model, { ...QUESTION, n: 4 }, { signal: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 1));
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(begun).toEqual([0]);
  });

  it('wait again once a provider has forgotten', async () => {
    let now = 0;
    const clock: Clock = { now: () => now, after: () => () => {} };
    const { model, begun } = watched('prompt');
    const asks = async (): Promise<readonly number[]> => {
      const before = begun.length;
      await ask(model, { ...QUESTION, n: 3 }, { clock });
      return begun.slice(before);
    };
    expect(await asks()).toEqual([0, 0, 1]);
    now += 299_999;
    expect(await asks()).toEqual([0, 1, 2]);
    now += 299_999; // each use keeps it
    expect(await asks()).toEqual([0, 1, 2]);
    now += 300_000;
    expect(await asks()).toEqual([0, 0, 1]);
  });
});

describe('which calls', () => {
  const others = (text: string, before = ''): Request => ({ prompt: [system(before), user(text)] });
  const together = async (what: PromptCache, requests: readonly Request[]): Promise<readonly number[]> => {
    const { model, begun } = watched(what);
    await Promise.all(requests.map((request) => ask(model, request)));
    return begun;
  };
  it.each<[string, PromptCache, readonly Request[], readonly number[]]>([
    ['short prompts do not wait', 'prompt', [others('a'), others('a')], [0, 1]],
    ['other long prompts do not wait', 'prompt', [others(`a${LONG}`), others(`b${LONG}`)], [0, 1]],
    ['a long beginning is waited for, whatever follows', 'prefix', [others('a', LONG), others('b', LONG)], [0, 0]],
    ['and with the whole prompt as well', 'prompt', [others('a', LONG), others('b', LONG)], [0, 0]],
    ['a long last message is no beginning', 'prefix', [others(LONG), others(LONG)], [0, 1]],
    ['a file counts by its size', 'prefix', [0, 1].map(() => ({ prompt: [withFile(100_000), user('a')] })), [0, 0]],
    [
      'files of other sizes are others',
      'prefix',
      [1e5, 2e5].map((size) => ({ prompt: [withFile(size), user('a')] })),
      [0, 1],
    ],
  ])('%s', async (_, what, requests, begun) => {
    expect(await together(what, requests)).toEqual(begun);
  });

  it('a last message that is long waits for its own first call, once its beginning is known', async () => {
    const same = others(`b${LONG}`, LONG);
    expect(await together('prompt', [others('a', LONG), same, same, same])).toEqual([0, 0, 0, 1]);
  });
});

function withFile(size: number): Request['prompt'][number] {
  const data = { type: 'data' as const, data: new Uint8Array(size) };
  return { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data }] };
}
