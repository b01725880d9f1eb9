/** A real server and a real model behind ours: llama.cpp's own with SmolLM2-135M-Instruct. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provider } from '../../models/index.ts';
import { realServer } from '../../models/test-support/real-server.ts';
import { SCORERS } from '../../cli/compose/scorers.ts';
import { listen, type Listening } from '../listen.ts';

const real = await realServer();

const messages = [{ role: 'user' as const, content: 'What is 2 + 2? Answer in one short sentence.' }];
const greedy = { messages, temperature: 0, max_tokens: 24, seed: 1 };
const schema = {
  type: 'object',
  properties: { answer: { type: 'integer' }, sure: { type: 'boolean' } },
  required: ['answer', 'sure'],
  additionalProperties: false,
};
const format = { type: 'json_schema' as const, json_schema: { name: 'r', strict: true, schema } };

describe.skipIf(!real)('llama.cpp behind', () => {
  let server: Listening;
  let openai: OpenAI;
  const { baseURL = '' } = real ?? {};
  beforeAll(async () => {
    const base = (name: string, quirks: object) =>
      provider('llama.cpp', 'SmolLM2-135M-Instruct', { baseURL, name, quirks });
    const models = { real: base('real', {}), answering: base('answering', { responses: true }) };
    server = await listen({ port: 0, models, scorers: SCORERS });
    openai = new OpenAI({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(async () => {
    await server.close(0);
    await real?.close();
  }, 30_000);

  const ask = async (url: string, body: object): Promise<{ readonly [field: string]: unknown }> => {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as { readonly [field: string]: unknown };
  };

  it('a request is handed on: what comes back is what it says, timings and all', async () => {
    const direct = await ask(baseURL, { model: 'x', ...greedy });
    const ours = await ask(server.url, { model: 'real', ...greedy });
    expect(Object.keys(ours)).toEqual(Object.keys(direct));
    expect([ours['choices'], ours['model']]).toEqual([direct['choices'], 'real']);
  });

  it('so is a stream, word by word', async () => {
    const whole = await openai.chat.completions.create({ model: 'real', ...greedy });
    const stream = await openai.chat.completions.create({ model: 'real', ...greedy, stream: true });
    const said: string[] = [];
    for await (const { choices, usage } of stream) {
      expect(usage ?? null).toBeNull(); // it was not asked for
      said.push(choices[0]?.delta.content ?? '');
    }
    expect(said.join('')).toBe(whole.choices[0]?.message.content);
    expect(said.filter((piece) => piece !== '').length).toBeGreaterThan(5);
  });

  it('and so are its own responses, whole and as a stream', async () => {
    const body = { model: 'answering', input: 'What is 2 + 2?', temperature: 0, max_output_tokens: 24 };
    const whole = await openai.responses.create(body);
    expect([whole.model, whole.status]).toEqual(['answering', 'completed']);
    let said = '';
    let model = '';
    for await (const event of await openai.responses.create({ ...body, stream: true })) {
      if (event.type === 'response.output_text.delta') said += event.delta;
      if (event.type === 'response.completed') ({ model } = event.response);
    }
    expect([said, model]).toEqual([whole.output_text, 'answering']);
  });

  it.each([
    ['real + selfConsistency(n=3)', 3],
    ['real + bestOfN(n=3, score=length)', 3],
    ['real + selfRefine(rounds=1)', 3],
    ['fusion(real, real)', 3],
  ])('%s answers, with the account of every call', async (model, most) => {
    const body = { ...greedy, temperature: 1, max_tokens: 16 };
    const reply = await ask(server.url, { model, ...body });
    const { choices, usage, plusx } = reply as unknown as {
      choices: { message: { content: string } }[];
      usage: { prompt_tokens: number; completion_tokens: number; plusx: { calls: number; unreported: number } };
      plusx: { formula: string };
    };
    expect(choices[0]?.message.content).toMatch(/\S/);
    expect(plusx.formula).toBe(model);
    expect([usage.plusx.calls, usage.plusx.unreported]).toEqual([expect.any(Number), 0]);
    expect(usage.plusx.calls).toBeGreaterThan(1);
    expect(usage.plusx.calls).toBeLessThanOrEqual(most);
    expect(usage.completion_tokens).toBeLessThanOrEqual(16 * usage.plusx.calls);
    expect(usage.prompt_tokens).toBeGreaterThan(20 * usage.plusx.calls);
  });

  it('a vote streams, and ends as it must', async () => {
    const stream = openai.chat.completions.stream({
      model: 'real + selfConsistency(n=3)',
      ...greedy,
      temperature: 1,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toMatch(/\S/);
    expect(final.usage?.total_tokens).toBeGreaterThan(0);
  });

  it.each(['real', 'real + selfConsistency(n=3)', 'real + reRead'])('%s keeps to a JSON schema', async (model) => {
    const reply = await openai.chat.completions.create({
      model,
      ...greedy,
      temperature: 1,
      max_tokens: 64,
      response_format: format,
    });
    expect(JSON.parse(reply.choices[0]?.message.content ?? '')).toEqual({
      answer: expect.any(Number) as number,
      sure: expect.any(Boolean) as boolean,
    });
  });

  const working = async (): Promise<number> => {
    const slots = (await (await fetch(new URL('/slots', baseURL))).json()) as { is_processing: boolean }[];
    return slots.filter((one) => one.is_processing).length;
  };

  // Of a client that leaves before a whole reply is there, as the draws of a vote are asked for, llama.cpp takes no notice.
  it.each(['real', 'real + reRead'])('who leaves %s is not worked for', async (model) => {
    const controller = new AbortController();
    const long = [{ role: 'user' as const, content: 'Count from 1 to 10000, each number on a line of its own.' }];
    const asked = openai.chat.completions.create(
      { model, messages: long, max_tokens: 1500, stream: true, logit_bias: { '2': -100 } },
      { signal: controller.signal },
    );
    const reading = (async () => {
      for await (const _chunk of await asked);
    })();
    reading.catch(() => undefined);
    await expect.poll(working, { timeout: 20_000 }).toBeGreaterThan(0);
    controller.abort();
    await expect(reading).rejects.toThrow('bort');
    await expect.poll(working, { timeout: 5000 }).toBe(0);
  });
});
