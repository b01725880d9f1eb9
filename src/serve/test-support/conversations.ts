/** The same conversations of clients that others wrote, as they come from the registry, with and without X. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from 'openai-compatible6';
import { HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText, tool, jsonSchema, stepCountIs, generateObject } from 'ai6';
import OpenAI, { BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenAIServerOptions, RecordedRequest, ServerAnswer } from '../../testing/index.ts';
import type { Serving } from './serving.ts';

const MODELS = [
  'up/test',
  'up/test + selfConsistency(n=3)',
  'up/test + reRead',
  'up/test + selfRefine(rounds=1)',
  'fusion(up/test, up/test)',
];
const answers: NonNullable<OpenAIServerOptions['answers']> = 'The answer is 4.';

/** Answers with calls until the results of three rounds are there. */
export const threeRounds = ({ body }: RecordedRequest): ServerAnswer | string => {
  const results = (body.messages ?? []).filter(({ role }) => role === 'tool').length;
  if (!body['tools'] || results >= 4) return 'Seen all.';
  const call = (at: number) => ({ name: 'look', arguments: JSON.stringify({ at }) });
  return { content: '', toolCalls: results === 0 ? [call(0), call(1)] : [call(results)] };
};

const messages = [{ role: 'user' as const, content: 'What is 2 + 2?' }];
const look = {
  type: 'function' as const,
  function: {
    name: 'look',
    description: 'Looks.',
    parameters: { type: 'object', properties: { at: { type: 'number' } } },
  },
};

/** Holds each conversation against a server of ours in front of an upstream, as `opened` starts them. */
export function conversations(opened: (upstream: OpenAIServerOptions) => Promise<Serving>): void {
  let open: Serving | undefined;
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  async function client(upstream: OpenAIServerOptions = { answers }): Promise<OpenAI> {
    open = await opened(upstream);
    return new OpenAI({ baseURL: open.url, apiKey: 'none', maxRetries: 0 });
  }

  describe.each(MODELS)('the openai package with %s', (model) => {
    it('has a text and its usage', async () => {
      const reply = await (await client()).chat.completions.create({ model, messages });
      expect(reply.choices[0]?.message.content).toBe('The answer is 4.');
      expect(reply.choices[0]?.finish_reason).toBe('stop');
      expect(reply.usage?.total_tokens).toBeGreaterThan(0);
      expect(reply.model).toBe(model);
    });

    it('streams it', async () => {
      const stream = (await client()).chat.completions.stream({
        model,
        messages,
        stream_options: { include_usage: true },
      });
      const reply = await stream.finalChatCompletion();
      expect(reply.choices[0]?.message.content).toBe('The answer is 4.');
      expect(reply.usage?.total_tokens).toBeGreaterThan(0);
    });

    it('goes three rounds of tools, the first of them with two calls at once', async () => {
      const openai = await client({ answers: threeRounds });
      const seen: number[] = [];
      const runner = openai.chat.completions.runTools({
        model,
        messages,
        tools: [
          {
            type: 'function',
            function: {
              ...look.function,
              parse: JSON.parse,
              function: ({ at }: { at: number }) => {
                seen.push(at);
                return `seen ${at}`;
              },
            },
          },
        ],
      });
      expect(await runner.finalContent()).toBe('Seen all.');
      expect(seen).toEqual([0, 1, 2, 3]);
    });

    it('sends an image, and stops, and asks for JSON', async () => {
      const openai = await client({ answers: '{"answer":4} END more', ignoresFormat: true });
      const url = 'data:image/png;base64,iVBORw0KGgo=';
      const reply = await openai.chat.completions.parse({
        model,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is it?' },
              { type: 'image_url', image_url: { url } },
            ],
          },
        ],
        stop: [' END'],
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'r',
            strict: true,
            schema: { type: 'object', properties: { answer: { type: 'number' } } },
          },
        },
      });
      expect(JSON.parse(reply.choices[0]?.message.content ?? '')).toEqual({ answer: 4 });
      expect(open?.upstream.requests.some(({ body }) => JSON.stringify(body.messages).includes(url))).toBe(true);
    });

    it('asks for several, by seed', async () => {
      const openai = await client({ answers: { 'The answer is 4.': 1, 'The answer is 5.': 1, 'The answer is 6.': 1 } });
      const ask = async (): Promise<(string | null)[]> =>
        (await openai.chat.completions.create({ model, messages, n: 3, seed: 11 })).choices.map(
          ({ message }) => message.content,
        );
      const first = await ask();
      expect(first).toHaveLength(3);
      expect(await ask()).toEqual(first);
    });

    it('hears a refusal as one', async () => {
      const openai = await client({ answers: { content: '', refusal: 'I cannot help with that.' } });
      const reply = await openai.chat.completions.create({ model, messages });
      expect(reply.choices[0]?.message).toMatchObject({ content: null, refusal: 'I cannot help with that.' });
      const stream = openai.chat.completions.stream({ model, messages });
      expect((await stream.finalChatCompletion()).choices[0]?.message.refusal).toBe('I cannot help with that.');
      const response = await openai.responses.create({ model, input: '2 + 2?' });
      expect(response.output).toMatchObject([{ content: [{ type: 'refusal', refusal: 'I cannot help with that.' }] }]);
    });

    it('is told of errors as it knows them', async () => {
      const openai = await client({ failures: () => 429 });
      const error = await openai.chat.completions.create({ model, messages }).catch((one: unknown) => one);
      expect(error).toBeInstanceOf(RateLimitError);
      await open?.close();
      const other = await client();
      await expect(other.chat.completions.create({ model: 'nothing', messages })).rejects.toBeInstanceOf(NotFoundError);
      await expect(other.chat.completions.create({ model: `${model} + nothing`, messages })).rejects.toBeInstanceOf(
        BadRequestError,
      );
    }, 70_000);

    it('leaves, and everything ends', async () => {
      const openai = await client({ answers, latencyMs: 60_000 });
      const controller = new AbortController();
      const asked = openai.chat.completions.create({ model, messages, stream: true }, { signal: controller.signal });
      await expect.poll(() => open?.upstream.requests.length).toBeGreaterThan(0);
      controller.abort();
      await expect(asked).rejects.toThrow('abort');
      await open?.upstream.idle();
    });
  });

  describe.each(['up/test', 'up/test + selfConsistency(n=3)', 'up/test + selfRefine(rounds=1)'])(
    'responses with %s',
    (model) => {
      it('of the openai package: text, stream, tools in three rounds', async () => {
        const openai = await client();
        const reply = await openai.responses.create({ model, input: '2 + 2?', instructions: 'Be exact.' });
        expect([reply.output_text, reply.status]).toEqual(['The answer is 4.', 'completed']);
        const stream = openai.responses.stream({ model, input: '2 + 2?' });
        const types: string[] = [];
        stream.on('event', ({ type }) => types.push(type));
        expect((await stream.finalResponse()).output_text).toBe('The answer is 4.');
        expect(types.slice(0, 4)).toEqual([
          'response.created',
          'response.in_progress',
          'response.output_item.added',
          'response.content_part.added',
        ]);
        expect(types.slice(-4)).toEqual([
          'response.output_text.done',
          'response.content_part.done',
          'response.output_item.done',
          'response.completed',
        ]);
        await open?.close();
        const tooled = await client({ answers: threeRounds });
        const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Look around.' }];
        const seen: string[] = [];
        const tools = [
          { type: 'function' as const, name: 'look', parameters: look.function.parameters, strict: false },
        ];
        for (let round = 0; round < 4; round++) {
          const { output, output_text: text } = await tooled.responses.create({ model, input, tools });
          input.push(...(output as OpenAI.Responses.ResponseInputItem[]));
          const calls = output.filter((item) => item.type === 'function_call');
          for (const { call_id: id, arguments: args } of calls) {
            seen.push(args);
            input.push({ type: 'function_call_output', call_id: id, output: `seen ${args}` });
          }
          if (calls.length === 0) seen.push(text);
        }
        expect(seen).toEqual(['{"at":0}', '{"at":1}', '{"at":2}', '{"at":3}', 'Seen all.']);
      });

      it('of the AI SDK: text, stream, tools', async () => {
        open = await opened({ answers });
        const make = (url: string) => createOpenAI({ baseURL: url, apiKey: 'none' }).responses(model);
        const providerOptions = { openai: { store: false } };
        expect((await generateText({ model: make(open.url), prompt: '2 + 2?', providerOptions })).text).toBe(
          'The answer is 4.',
        );
        const { textStream } = streamText({ model: make(open.url), prompt: '2 + 2?', providerOptions });
        let text = '';
        for await (const piece of textStream) text += piece;
        expect(text).toBe('The answer is 4.');
      });

      it('fail as the openai package knows it, before and in the middle of a stream', async () => {
        const openai = await client({ answers: 'One two three four five.', truncateStream: 3 });
        await expect(openai.responses.create({ model: 'nothing', input: 'x' })).rejects.toBeInstanceOf(NotFoundError);
        await expect(openai.responses.create({ model, input: 'x', previous_response_id: 'r' })).rejects.toMatchObject({
          status: 400,
          param: 'previous_response_id',
        });
        await expect(openai.responses.create({ model, input: 'x', max_output_tokens: -1 })).rejects.toMatchObject({
          param: 'max_output_tokens',
        });
        const stream = await openai.responses.create({ model: 'up/test + reRead', input: 'x', stream: true });
        const types: string[] = [];
        const reading = (async () => {
          for await (const { type } of stream) types.push(type);
        })();
        await expect(reading).rejects.toThrow('broke off');
        expect(types).toContain('response.output_text.delta');
      });
    },
  );

  it('log-probabilities arrive', async () => {
    const openai = await client({ answers: { 'It is 4.': 1, 'It is 5.': 1 } });
    for (const model of ['up/test', 'up/test + selfConsistency(n=3)']) {
      const reply = await openai.chat.completions.create({ model, messages, logprobs: true, top_logprobs: 2 });
      const tokens = reply.choices[0]?.logprobs?.content ?? [];
      expect(tokens.map(({ token }) => token).join('')).toBe(reply.choices[0]?.message.content);
      expect(tokens.at(-1)?.logprob).toBeCloseTo(Math.log(1 / 2), 6);
      const stream = openai.chat.completions.stream({ model, messages, logprobs: true, top_logprobs: 2 });
      const streamed = (await stream.finalChatCompletion()).choices[0];
      const texts = (streamed?.logprobs?.content ?? []).map(({ token }) => token);
      expect(texts.join('')).toBe(streamed?.message.content);
    }
  });

  describe.each(['up/test', 'up/test + selfConsistency(n=3)'])('the AI SDK with %s', (model) => {
    const providers = [
      ['openai', (url: string) => createOpenAI({ baseURL: url, apiKey: 'none' }).chat(model)],
      ['openai-compatible', (url: string) => createOpenAICompatible({ name: 'plusx', baseURL: url }).chatModel(model)],
    ] as const;
    it.each(providers)('%s: text, stream, tools, objects', async (_name, make) => {
      open = await opened({ answers });
      expect((await generateText({ model: make(open.url), prompt: '2 + 2?' })).text).toBe('The answer is 4.');
      const { textStream } = streamText({ model: make(open.url), prompt: '2 + 2?' });
      let text = '';
      for await (const piece of textStream) text += piece;
      expect(text).toBe('The answer is 4.');
      await open.close();
      open = await opened({ answers: threeRounds });
      const seen: number[] = [];
      const result = await generateText({
        model: make(open.url),
        prompt: 'Look around.',
        stopWhen: stepCountIs(6),
        tools: {
          look: tool({
            inputSchema: jsonSchema<{ at: number }>({ type: 'object', properties: { at: { type: 'number' } } }),
            execute: async ({ at }) => {
              seen.push(at);
              return `seen ${at}`;
            },
          }),
        },
      });
      expect([result.text, seen]).toEqual(['Seen all.', [0, 1, 2, 3]]);
      await open.close();
      open = await opened({ answers: '{"answer":4}' });
      const schema = jsonSchema<{ answer: number }>({ type: 'object', properties: { answer: { type: 'number' } } });
      expect((await generateObject({ model: make(open.url), schema, prompt: '2 + 2?' })).object).toEqual({ answer: 4 });
    });

    it.each(providers)(
      '%s: an image, a stop, a seed, an error, and leaving',
      async (_name, make) => {
        open = await opened({ answers: 'The answer is 4. END more' });
        const image = { type: 'image' as const, image: 'data:image/png;base64,iVBORw0KGgo=' };
        const content = [{ type: 'text' as const, text: 'What is it?' }, image];
        const asked = {
          messages: [{ role: 'user' as const, content }],
          stopSequences: [' END'],
          seed: 5,
          maxRetries: 0,
        };
        expect((await generateText({ model: make(open.url), ...asked })).text).toBe('The answer is 4.');
        expect(JSON.stringify(open.upstream.requests.at(-1)?.body.messages)).toContain(image.image);
        await open.close();
        open = await opened({ failures: () => 429 });
        const refused = { prompt: '2 + 2?', maxRetries: 0 };
        await expect(generateText({ model: make(open.url), ...refused })).rejects.toMatchObject({ statusCode: 429 });
        await open.close();
        open = await opened({ answers, latencyMs: 60_000 });
        const controller = new AbortController();
        const leaving = generateText({ model: make(open.url), ...refused, abortSignal: controller.signal });
        await expect.poll(() => open?.upstream.requests.length).toBeGreaterThan(0);
        controller.abort();
        await expect(leaving).rejects.toThrow('bort');
        await open.upstream.idle();
      },
      70_000,
    );
  });

  describe.each(['up/test', 'up/test + selfConsistency(n=3)'])('LangChain with %s', (model) => {
    const chatOf = async (upstream: OpenAIServerOptions = { answers }, more: object = {}): Promise<ChatOpenAI> => {
      open = await opened(upstream);
      return new ChatOpenAI({ model, apiKey: 'none', configuration: { baseURL: open.url }, maxRetries: 0, ...more });
    };

    it('text, stream, image, several', async () => {
      const chat = await chatOf();
      expect((await chat.invoke('2 + 2?')).content).toBe('The answer is 4.');
      let text = '';
      for await (const piece of await chat.stream('2 + 2?')) text += JSON.stringify(piece.content).slice(1, -1);
      expect(text).toBe('The answer is 4.');
      const url = 'data:image/png;base64,iVBORw0KGgo=';
      const content = [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url } },
      ];
      expect((await chat.invoke([{ role: 'user', content }])).content).toBe('The answer is 4.');
      expect(JSON.stringify(open?.upstream.requests.at(-1)?.body.messages)).toContain(url);
      await open?.close();
      const several = await chatOf({ answers }, { n: 3 });
      expect((await several.generate([[new HumanMessage('2 + 2?')]])).generations[0]).toHaveLength(3);
    });

    it('three rounds of tools', async () => {
      const chat = (await chatOf({ answers: threeRounds })).bindTools([look]);
      const said: BaseMessage[] = [new HumanMessage('Look around.')];
      const seen: unknown[] = [];
      for (let round = 0; round < 4; round++) {
        const reply = await chat.invoke(said);
        said.push(reply);
        for (const { id = '', args } of reply.tool_calls ?? []) {
          seen.push(args);
          said.push(new ToolMessage({ content: `seen ${JSON.stringify(args)}`, tool_call_id: id }));
        }
      }
      expect(seen).toEqual([{ at: 0 }, { at: 1 }, { at: 2 }, { at: 3 }]);
      expect(said.at(-1)?.content).toBe('Seen all.');
    });

    it('an object, log-probabilities, an error, and leaving', async () => {
      const chat = await chatOf({ answers: '{"answer":4}' });
      const schema = { title: 'r', type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] };
      const formed = chat.withStructuredOutput(schema, { method: 'jsonSchema' });
      expect(await formed.invoke('2 + 2?')).toEqual({ answer: 4 });
      await open?.close();
      const told = await chatOf({ answers: { 'It is 4.': 1 } }, { logprobs: true, topLogprobs: 2 });
      const { logprobs } = (await told.invoke('2 + 2?')).response_metadata as { logprobs: { content: unknown[] } };
      expect(logprobs.content).toHaveLength(3);
      await open?.close();
      await expect((await chatOf({ failures: () => 400 })).invoke('2 + 2?')).rejects.toMatchObject({ status: 400 });
      await open?.close();
      const slow = await chatOf({ answers, latencyMs: 60_000 });
      const controller = new AbortController();
      const asked = slow.invoke('2 + 2?', { signal: controller.signal });
      await expect.poll(() => open?.upstream.requests.length).toBeGreaterThan(0);
      controller.abort();
      await expect(asked).rejects.toThrow('bort');
      await open?.upstream.idle();
    });
  });

  describe.each(['up/test', 'up/test + selfConsistency(n=3)'])('curl with %s', (model) => {
    const curl = async (body: object, route = 'chat/completions'): Promise<string> => {
      const json = JSON.stringify({ model, ...body });
      return (await promisify(execFile)('curl', ['-sS', `${open?.url}/${route}`, '--json', json])).stdout;
    };

    it('text, stream, several, errors, responses', async () => {
      open = await opened({ answers });
      expect(JSON.parse(await curl({ messages, n: 2, stop: ['!'], seed: 1 }))).toMatchObject({
        choices: [{ message: { content: 'The answer is 4.' } }, { message: { content: 'The answer is 4.' } }],
      });
      const events = await curl({ messages, stream: true, stream_options: { include_usage: true } });
      expect(events).toMatch(/"total_tokens":\d+[^\n]*\n\ndata: \[DONE\]\n\n$/);
      expect(JSON.parse(await curl({ model: 'nothing', messages }))).toMatchObject({
        error: { code: 'model_not_found' },
      });
      expect(JSON.parse(await curl({ input: '2 + 2?' }, 'responses'))).toMatchObject({ status: 'completed' });
    });
  });
}
