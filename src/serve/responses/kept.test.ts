import { afterEach, beforeEach, expect, it } from 'vitest';
import OpenAI from 'openai';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { openaiServer, type OpenAIServer } from '../../testing/index.ts';
import { handler } from '../handler.ts';
import { keysIn } from '../keys/stored.ts';

let store: Store;
let upstream: OpenAIServer;
let mia: OpenAI;
let noa: OpenAI;
beforeEach(async () => {
  store = openStore({ file: ':memory:' });
  upstream = await openaiServer({ answers: ({ body }) => ({ content: JSON.stringify(body.messages) }) });
  [mia, noa] = (await Promise.all(['mia', 'noa'].map((name) => clientOf(name)))) as [OpenAI, OpenAI];
});
afterEach(async () => {
  await upstream.close();
  await store.close();
});

const up = () => openaiCompatible({ model: 'test', name: 'up', baseURL: upstream.url });

/** OpenAI's own client of a key, in front of a server that keeps texts or not. */
async function clientOf(name: string, keepsTexts = true): Promise<OpenAI> {
  const { key } = await store.keys.add(name, {});
  const answer = handler({ models: { up: up() }, store, keepsTexts, keys: await keysIn(store) });
  return new OpenAI({
    apiKey: key,
    baseURL: 'http://localhost/v1',
    maxRetries: 0,
    fetch: (input, init) => answer(new Request(input, init)),
  });
}

const ask = (client: OpenAI, input: OpenAI.Responses.ResponseInput | string, more: object = {}) =>
  client.responses.create({ model: 'up', input, ...more });

it('a conversation by the id of its last response is the conversation that is sent whole', async () => {
  const first = await ask(mia, 'One?', { instructions: 'Be short.' });
  const second = await ask(mia, [{ role: 'user', content: 'Two?' }], { previous_response_id: first.id });
  expect(first).toMatchObject({ previous_response_id: null, store: true });
  expect(second).toMatchObject({ previous_response_id: first.id, store: true });
  const asked = 'Three?';
  const third = await ask(mia, asked, { previous_response_id: second.id, instructions: 'Be long.' });
  const whole = await ask(
    mia,
    [
      { role: 'user', content: 'One?' },
      ...first.output,
      { role: 'user', content: 'Two?' },
      ...second.output,
      { role: 'user', content: asked },
    ] as OpenAI.Responses.ResponseInput,
    { instructions: 'Be long.' },
  );
  expect(third.output_text).toBe(whole.output_text);
  const said = (JSON.parse(third.output_text) as { role: string; content: string }[]).map(({ role }) => role);
  // The instructions are those of the last request alone.
  expect(said).toEqual(['system', 'user', 'assistant', 'user', 'assistant', 'user']);
});

it('is had again as it was answered, streamed or not, until it is deleted with its trace', async () => {
  const whole = await ask(mia, 'One?');
  const stream = await mia.responses.create({
    model: 'up',
    input: 'Two?',
    previous_response_id: whole.id,
    stream: true,
  });
  let streamed: OpenAI.Responses.Response | undefined;
  for await (const event of stream) {
    if (event.type !== 'response.completed') continue;
    streamed = event.response;
    expect(await mia.responses.retrieve(streamed.id)).toMatchObject({ id: streamed.id, output: streamed.output });
  }
  expect(streamed?.previous_response_id).toBe(whole.id);
  expect(await mia.responses.retrieve(whole.id)).toEqual(whole);
  await mia.responses.delete(whole.id);
  await expect(mia.responses.retrieve(whole.id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' });
  await expect(mia.responses.delete(whole.id)).rejects.toMatchObject({ status: 404 });
  await expect(ask(mia, 'Three?', { previous_response_id: streamed?.id })).rejects.toMatchObject({
    status: 400,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
    message: expect.stringContaining(whole.id) as string,
  });
  expect(await store.traces.get(whole.id.replace('resp_', ''))).toBeUndefined();
});

it('is nobody else’s, and whether there is one is not told', async () => {
  const { id } = await ask(mia, 'One?');
  const none = 'resp_0123456789abcdef';
  for (const work of [
    (one: string) => noa.responses.retrieve(one),
    (one: string) => noa.responses.delete(one),
    (one: string) => ask(noa, 'Two?', { previous_response_id: one }),
  ]) {
    const said = await Promise.all(
      [id, none].map((one) => work(one).catch((error: Error) => error.message.replace(one, 'ID'))),
    );
    expect(said[0]).toBe(said[1]);
    expect(said[0]).toContain('ID');
  }
  expect((await mia.responses.retrieve(id)).id).toBe(id);
});

it('is not kept where the client does not want it, and where nothing can be written', async () => {
  const first = await ask(mia, 'One?', { store: false });
  expect(first).toMatchObject({ store: false });
  await expect(mia.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
  store.responses.put = () => Promise.reject(new Error('full'));
  expect(await ask(mia, 'One?')).toMatchObject({ store: false });
});

it('a server that keeps no texts says so, and how it would', async () => {
  const client = await clientOf('ben', false);
  const first = await ask(client, 'One?');
  expect(first).toMatchObject({ store: false });
  const { id } = first;
  const way = { message: expect.stringContaining('`--store FILE --keep-texts`') as string };
  await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'no_store', ...way });
  await expect(ask(client, 'Two?', { previous_response_id: id })).rejects.toMatchObject({
    status: 400,
    param: 'previous_response_id',
    ...way,
  });
  await expect(ask(client, 'Two?', { store: true })).rejects.toMatchObject({ status: 400, param: 'store', ...way });
});

it.each([
  [{ previous_response_id: 7 }, 'previous_response_id'],
  [{ previous_response_id: 'resp_x' }, 'previous_response_id'],
  [{ store: 'yes' }, 'store'],
])('%j is refused by name', async (fields, param) => {
  await expect(ask(mia, 'One?', fields)).rejects.toMatchObject({ status: 400, param });
});

it('what is wrong with the input is told where the client wrote it', async () => {
  const { id } = await ask(mia, 'One?');
  const input = [
    { role: 'user', content: 'Two?' },
    { role: 'nobody', content: 'x' },
  ] as never;
  await expect(ask(mia, input, { previous_response_id: id })).rejects.toMatchObject({ param: 'input[1].role' });
});
