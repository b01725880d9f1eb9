/** The conversations of clients that others wrote, with each request that is sent upstream judged by OpenAI's published description. */
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PLAIN, seenUnder, SENT, serverOfAll, techniques } from '../test-support/matrix.ts';
import { conversations } from '../test-support/conversations.ts';
import { judge, type Judge } from '../test-support/judge.ts';
import { serving } from '../test-support/serving.ts';
import { readShared } from '../test-support/shared.ts';

const packed = readShared('wire/openai-openapi.json.gz');

describe.skipIf(!packed)('nothing is sent upstream that is not in the protocol', () => {
  let mock: Judge;
  beforeAll(async () => {
    mock = await judge(packed as Buffer);
  }, 120_000);
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

  it('of responses that are handed on', async () => {
    const gate = async () => ({ url: mock.url, close: async () => {} });
    const open = await serving({}, { gate, quirks: { responses: true } });
    try {
      const openai = new OpenAI({ baseURL: open.url, apiKey: 'none', maxRetries: 0 });
      const reply = await openai.responses.create({
        model: 'up/test',
        input: [
          {
            role: 'user',
            content: [{ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' }],
          },
        ],
        instructions: 'Be exact.',
        store: true,
        previous_response_id: 'resp_1',
        tools: [
          { type: 'web_search' },
          { type: 'function', name: 'look', parameters: { type: 'object' }, strict: false },
        ],
        text: { format: { type: 'json_schema', name: 'r', schema: { type: 'object' } } },
        reasoning: { effort: 'low' },
        include: ['message.output_text.logprobs'],
      });
      expect(reply).toMatchObject({ model: 'up/test', status: 'completed', store: true });
      // @ts-expect-error -- what the mock refuses
      await expect(openai.responses.create({ model: 'up/test', input: 'x', store: 'yes' })).rejects.toMatchObject({
        status: 400,
      });
    } finally {
      await open.close();
    }
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
