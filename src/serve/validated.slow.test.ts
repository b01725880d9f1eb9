/** The conversations of clients that others wrote, with each request that is sent upstream judged by OpenAI's published description. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PLAIN, seenUnder, SENT, serverOfAll, techniques } from './test-support/matrix.ts';
import { conversations } from './test-support/conversations.ts';
import { judge, type Judge } from './test-support/judge.ts';
import { serving } from './test-support/serving.ts';
import { readShared } from './test-support/shared.ts';

const packed = readShared('wire/openai-openapi.json.gz');

describe.skipIf(!packed)('nothing is sent upstream that is not in the protocol', () => {
  let mock: Judge;
  beforeAll(async () => {
    mock = await judge(packed as Buffer);
  });
  afterAll(() => mock.close());
  afterEach(() => {
    const wrong = mock.verdicts.filter((one) => one.wrong.length > 0);
    mock.forget();
    if (wrong.length > 0) throw new Error(`This was sent upstream: ${JSON.stringify(wrong)}`);
  });

  conversations((upstream) => serving(upstream, { gate: mock.gate }));

  it('under any technique, whatever fields are asked for', async () => {
    const open = await serverOfAll(mock.gate);
    try {
      for (const technique of techniques) await seenUnder(open, technique, SENT);
      for (const technique of techniques) await seenUnder(open, technique, PLAIN);
    } finally {
      await open.close();
    }
    expect(mock.verdicts.length).toBeGreaterThan(100);
  });

  it('and what is not would be told', async () => {
    const open = await serving({}, { gate: mock.gate });
    const response = await open.post('/chat/completions', { model: 'up/test', messages: 'none' });
    await open.close();
    expect([response.status, mock.verdicts]).toMatchObject([400, [{ path: '/chat/completions' }]]);
    expect(mock.verdicts[0]?.wrong).toEqual([expect.stringContaining('messages')]);
    mock.forget();
  });
});
