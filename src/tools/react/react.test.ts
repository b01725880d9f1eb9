import { jsonSchema, tool } from 'ai7';
import { tool as tool6, jsonSchema as jsonSchema6 } from 'ai6';
import { describe, expect, it } from 'vitest';
import {
  ask,
  memoryJournal,
  plus,
  scorer,
  toRequest,
  user,
  type Content,
  type Message,
  type Model,
  type Request,
  type Transform,
} from '../../core/index.ts';
import { enumerable, scripted } from '../../models/written/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { reRead } from '../../rephrase/index.ts';
import { bestOfN, selfConsistency } from '../../search/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { call, resultsIn } from '../shared/test-support/calls.ts';
import { toolbox, type RunnableTool } from '../shared/toolbox.ts';
import { calculator } from '../calculator/calculator.ts';
import { law } from './react.law.ts';
import { react } from './react.ts';

const numbers = {
  type: 'object',
  properties: { a: { type: 'number' }, b: { type: 'number' } },
  required: ['a', 'b'],
} as const;
/** A toolbox that notes what it is asked. */
function watched() {
  const ran: string[] = [];
  const box = toolbox('box', {
    add: {
      description: 'adds',
      inputSchema: numbers,
      readOnly: true,
      execute: async ({ a, b }: { a: number; b: number }) => {
        ran.push(`add ${a} ${b}`);
        return a + b;
      },
    },
    fail: {
      inputSchema: { type: 'object' },
      readOnly: true,
      execute: async () => {
        ran.push('fail');
        throw new Error('no luck');
      },
    },
    ask: { description: 'asks the person', inputSchema: { type: 'object' } },
  });
  return { ran, box };
}

/** The budget ran out before the model was asked. */
const NOTHING = 'BudgetExceeded: Budget of 60 ms of wall time is used up. Raise `budget.ms`.';

testLaw(law);

describe('react', () => {
  it('runs the calls of a step together, in order, and goes on with their results', async () => {
    const { box, ran } = watched();
    const model = scripted([
      {
        text: 'I add.',
        reasoning: 'hm',
        toolCalls: [
          { toolName: 'add', input: { a: 1, b: 2 }, toolCallId: 'x' },
          { toolName: 'fail', input: {}, toolCallId: 'y' },
        ],
      },
      call({ toolName: 'add', input: { a: 3, b: 4 } }),
      'The answer is 7.',
    ]);
    const { text, usage, sample } = await ask(plus(model, react({ tools: box })), 'q');
    expect([text, usage.calls, ran]).toEqual(['The answer is 7.', 3, ['add 1 2', 'fail', 'add 3 4']]);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ steps: 2 });
    const [first, second] = model.calls.map(({ request }) => request) as [Request, Request, Request];
    expect(first.tools?.map(({ name }) => name)).toEqual(['add', 'fail', 'ask']);
    expect(first.tools?.[0]).toEqual({ type: 'function', name: 'add', description: 'adds', inputSchema: numbers });
    expect(second.prompt.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'I add.' },
          { type: 'tool-call', toolCallId: 'x', toolName: 'add', input: { a: 1, b: 2 } },
          { type: 'tool-call', toolCallId: 'y', toolName: 'fail', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'x', toolName: 'add', output: { type: 'json', value: 3 } },
          { type: 'tool-result', toolCallId: 'y', toolName: 'fail', output: { type: 'error-text', value: 'no luck' } },
        ],
      },
    ]);
  });

  it('tells the model of a tool that is not there and of input that is no JSON', async () => {
    const { box } = watched();
    const model = scripted([call({ toolName: 'fly', input: {} }, { toolName: 'add', input: '{"a":' }), 'done']);
    await ask(plus(model, react({ tools: box })), 'q');
    expect(resultsIn(model.calls[1]?.request.prompt ?? []).map(({ output }) => output)).toEqual([
      { type: 'error-text', value: 'There is no tool "fly". There are: add, fail, ask.' },
      { type: 'error-text', value: 'The input of "add" is not JSON.' },
    ]);
  });

  it("hands out the calls that are the caller's to make, and no others, and runs nothing of that step", async () => {
    const { box, ran } = watched();
    const step = call({ toolName: 'add', input: { a: 1, b: 2 } }, { toolName: 'ask', input: { why: 1 } });
    const own = scripted([step]);
    const { sample, warnings } = await ask(plus(own, react({ tools: box })), 'q');
    expect(sample.content).toMatchObject([{ type: 'tool-call', toolName: 'ask' }]);
    expect(warnings.map(({ code }) => code)).toEqual(['calls-left-out']);
    expect(ran).toEqual([]);
    const theirs = scripted([call({ toolName: 'weather', input: {} })]);
    const weather = { type: 'function', name: 'weather', inputSchema: { type: 'object' } } as const;
    const answer = await ask(plus(theirs, react({ tools: box })), { prompt: [user('q')], tools: [weather] });
    expect(answer.sample.content).toMatchObject([{ type: 'tool-call', toolName: 'weather' }]);
    expect(theirs.calls[0]?.request.tools?.map(({ name }) => name)).toEqual(['weather', 'add', 'fail', 'ask']);
  });

  it.each<[form: string, text: string]>([
    ['tags', '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>'],
    ['tags behind words', 'I add.\n<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>'],
    ['a function', '<function=add>{"a": 1, "b": 2}</function>'],
    ['a list', '[TOOL_CALLS][{"name": "add", "arguments": {"a": 1, "b": 2}}]'],
    ['JSON alone', '{"name": "add", "parameters": {"a": 1, "b": 2}}'],
    ['a block of JSON', 'I add.\n```json\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n```'],
    ['a line', 'Action: add {"a": 1, "b": 2}'],
  ])('runs a call that came as text and not as a call: %s', async (_, text) => {
    const { box, ran } = watched();
    const model = scripted([text, 'The answer is 3.']);
    const answer = await ask(plus(model, react({ tools: box })), 'q');
    expect([answer.text, ran]).toEqual(['The answer is 3.', ['add 1 2']]);
    expect(answer.warnings.map(({ code }) => code)).toEqual(['call-as-text']);
    expect(model.calls[1]?.request.prompt.slice(1)).toMatchObject([
      { role: 'assistant', content: [{ type: 'text', text }] },
      { role: 'user', content: [{ type: 'text', text: 'Observation: 3' }] },
    ]);
  });

  it.each<[what: string, text: string]>([
    ['a tool that is not there', '<tool_call>{"name": "shell", "arguments": {"run": "ls"}}</tool_call>'],
    ["a tool that is the caller's", '<tool_call>{"name": "ask", "arguments": {"why": 1}}</tool_call>'],
    ['a property of every object', '<tool_call>{"name": "constructor", "arguments": {}}</tool_call>'],
    ['a call that cannot be read', '<tool_call>{"name": "add", "arguments": {"a": </tool_call>'],
    ['words about a tool', 'You can add with the tool `add`.'],
    ['JSON that is the answer', '{"a": 1, "b": 2}'],
    ['what it made up about a result', 'Observation: 3\nAction: add {"a": 1, "b": 2}'],
    ['what it thought of', '<think>Action: add {"a": 1, "b": 2}</think>Three.'],
  ])('takes %s for text', async (_, text) => {
    const { box, ran } = watched();
    const model = scripted([text]);
    const answer = await ask(plus(model, react({ tools: box })), 'q');
    expect([ran, model.calls.length, answer.warnings]).toEqual([[], 1, []]);
    expect(text).toContain(answer.text);
  });

  it('beside a tool call, text stays text', async () => {
    const { box, ran } = watched();
    const text = '<tool_call>{"name": "fail", "arguments": {}}</tool_call>';
    const model = scripted([{ text, toolCalls: [{ toolName: 'add', input: { a: 1, b: 2 } }] }, 'three']);
    expect((await ask(plus(model, react({ tools: box })), 'q')).text).toBe('three');
    expect(ran).toEqual(['add 1 2']);
  });

  it('a call as text with the last step made is no answer', async () => {
    const { box } = watched();
    const text = '<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>';
    const { sample, warnings } = await ask(plus(scripted([text, text]), react({ tools: box, steps: 1 })), 'q');
    expect(sample.answer).toBeNull();
    expect(warnings.map(({ code }) => code)).toEqual(['call-as-text', 'no-answer']);
  });

  it('asks for the answer without tools at the last step; what calls still is no answer, and says so', async () => {
    const { box } = watched();
    const add = call({ toolName: 'add', input: { a: 1, b: 1 } });
    const good = scripted([add, add, 'two']);
    expect((await ask(plus(good, react({ tools: box, steps: 2 })), 'q')).text).toBe('two');
    expect(good.calls.map(({ request }) => request.toolChoice?.type)).toEqual([undefined, undefined, 'none']);
    const stubborn = await ask(plus(scripted([add, add]), react({ tools: box, steps: 1 })), 'q');
    expect(stubborn.sample).toMatchObject({ content: [], answer: null });
    expect(stubborn.warnings.map(({ code }) => code)).toEqual(['no-answer']);
  });

  it("at a budget's limit gives what was said last, without an answer", async () => {
    const { box } = watched();
    const model = scripted([{ text: 'I add.', toolCalls: [{ toolName: 'add', input: { a: 1, b: 1 } }] }, 'two']);
    const cut = await ask(plus(model, react({ tools: box })), 'q', { budget: { calls: 1 } });
    expect([cut.text, cut.sample.answer, cut.exhausted]).toEqual(['I add.', null, 'calls']);
  });

  it('a resumed run asks no tool twice, and two draws have tool runs of their own', async () => {
    const { box, ran } = watched();
    const steps = [call({ toolName: 'add', input: { a: 1, b: 2 } }, { toolName: 'fail', input: {} }), 'three'];
    const journal = memoryJournal();
    const cut = await ask(plus(scripted(steps), react({ tools: box })), 'q', { journal, budget: { calls: 1 } });
    expect([cut.exhausted, ran, journal.size]).toEqual(['calls', ['add 1 2', 'fail'], 1]);
    const whole = await ask(plus(scripted(steps), react({ tools: box })), 'q', { journal });
    expect([whole.text, ran.length, whole.usage.replays]).toEqual(['three', 2, 1]);
    await ask(plus(scripted(steps), react({ tools: box })), { ...toRequest('q'), n: 2 }, { journal });
    expect(ran).toHaveLength(4);
  });

  it('an abort reaches a tool that runs, and is no error of the tool', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const box = toolbox('slow', [
      {
        name: 'wait',
        inputSchema: { type: 'object' },
        execute: (_input: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
          new Promise((_, reject) => {
            abortSignal.addEventListener('abort', () => reject(new Error('stopped')));
            controller.abort(reason);
          }),
      },
    ]);
    const journal = memoryJournal();
    const model = scripted([call({ toolName: 'wait', input: {} }), 'never']);
    await expect(ask(plus(model, react({ tools: box })), 'q', { signal: controller.signal, journal })).rejects.toBe(
      reason,
    );
    expect(model.calls).toHaveLength(1);
  });

  it('waits no longer than its budget or its caller for a tool that never ends', async () => {
    const never = new Promise<never>(() => {});
    const stuck: { readonly [how: string]: RunnableTool } = {
      runs: { inputSchema: { type: 'object' }, execute: () => never },
      'tells of its progress': {
        inputSchema: { type: 'object' },
        async *execute() {
          for (;;) yield new Promise((resolve) => setTimeout(resolve, 5));
        },
      },
      'has a schema that never checks': {
        inputSchema: { '~standard': { validate: () => never, jsonSchema: { input: () => ({}) } } },
        execute: () => 1,
      },
      'has a schema that never comes': { inputSchema: { jsonSchema: never }, execute: () => 1 },
      'never finds its words': { inputSchema: { type: 'object' }, execute: () => 1, toModelOutput: () => never },
    };
    for (const [how, stuckTool] of Object.entries(stuck)) {
      const tools = toolbox('stuck', { t: stuckTool });
      const model = (): Model => scripted([{ text: 'I wait.', toolCalls: [{ toolName: 't', input: {} }] }, 'never']);
      const cut = await ask(plus(model(), react({ tools })), 'q', { budget: { ms: 60 } }).catch(String);
      const ends = { text: 'I wait.', exhausted: 'ms' };
      expect([how, cut]).toMatchObject([
        how,
        cut === NOTHING && how === 'has a schema that never comes' ? NOTHING : ends,
      ]);
      const reason = new Error(how);
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 30);
      const stopped = ask(plus(model(), react({ tools })), 'q', { signal: controller.signal });
      await expect(stopped).rejects.toBe(reason);
    }
  });

  it('gives a tool a number that no double holds as a text, and repeats it as it was', async () => {
    const id = '9123456789012345671';
    const heard: unknown[] = [];
    const inputSchema = { type: 'object', properties: { id: { type: 'integer' } } };
    const isSmall = {
      '~standard': {
        validate: () => ({ issues: [{ message: 'no number' }] }),
        jsonSchema: { input: () => inputSchema },
      },
    };
    const tools = toolbox('ids', {
      find: {
        inputSchema,
        execute: (input: unknown, { inputText }: { inputText: string }) => (heard.push(input, inputText), 'found'),
      },
      strict: { inputSchema: isSmall, execute: () => 'never' },
    });
    const input = `{"id": ${id}}`;
    const model = scripted([call({ toolName: 'find', input }, { toolName: 'strict', input }), 'done']);
    await ask(plus(model, react({ tools })), 'q');
    expect(heard).toEqual([{ id }, input]);
    const prompt = model.calls[1]?.request.prompt ?? [];
    expect(JSON.stringify(prompt)).toContain(`"input":{"id":${id}}`);
    expect(resultsIn(prompt).map(({ output }) => output)).toEqual([
      { type: 'text', value: 'found' },
      {
        type: 'error-text',
        value: `The input does not fit: no number (${id} is too large to be exact as a number, and is read as a text)`,
      },
    ]);
  });

  it('sends every part of a reply back whole, or not at all', async () => {
    const known = { anthropic: { signature: 's' } };
    const options = { providerOptions: known };
    const calls = (id: string, providerExecuted?: true): object => ({
      type: 'tool-call',
      toolCallId: id,
      toolName: providerExecuted ? 'web' : 'add',
      input: '{"a":1,"b":2}',
      ...(providerExecuted && { providerExecuted }),
      providerMetadata: known,
    });
    const result = (id: string, more: object): object => ({
      type: 'tool-result',
      toolCallId: id,
      toolName: 'web',
      ...more,
    });
    const said = (id: string): object => ({
      type: 'tool-call',
      toolCallId: id,
      toolName: 'web',
      input: { a: 1, b: 2 },
      providerExecuted: true,
      ...options,
    });
    const answered = (id: string, output: object): object => ({
      type: 'tool-result',
      toolCallId: id,
      toolName: 'web',
      output,
    });
    /** What stands in a reply beside a call of ours, and what of it stands in the conversation. */
    const FORMS: readonly (readonly [name: string, parts: readonly object[], again: readonly object[]])[] = [
      ['a text', [{ type: 'text', text: 'a', providerMetadata: known }], [{ type: 'text', text: 'a', ...options }]],
      [
        'a hidden thought',
        [{ type: 'reasoning', text: '', providerMetadata: known }],
        [{ type: 'reasoning', text: '', ...options }],
      ],
      [
        'a search with its result',
        [calls('s', true), result('s', { result: [1] })],
        [said('s'), answered('s', { type: 'json', value: [1] })],
      ],
      [
        'a search that failed',
        [calls('s', true), result('s', { result: 'no', isError: true })],
        [said('s'), answered('s', { type: 'error-text', value: 'no' })],
      ],
      [
        'a search under way, then done',
        [calls('s', true), result('s', { result: [1], preliminary: true }), result('s', { result: [2] })],
        [said('s'), answered('s', { type: 'json', value: [2] })],
      ],
      ['a search that is not done', [calls('s', true), result('s', { result: [1], preliminary: true })], []],
      ['a search without its result', [calls('s', true)], []],
      ['a result without its search', [result('s', { result: 1 })], []],
      [
        'two searches, one of them done',
        [calls('s', true), calls('t', true), result('t', { result: 1 })],
        [said('t'), answered('t', { type: 'json', value: 1 })],
      ],
      ['a source', [{ type: 'source', sourceType: 'url', id: '1', url: 'http://a' }], []],
      [
        'a picture',
        [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA' } }],
        [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA' } }],
      ],
      [
        'what only the provider knows',
        [{ type: 'custom', kind: 'p.x', providerMetadata: known }],
        [{ type: 'custom', kind: 'p.x', ...options }],
      ],
    ];
    for (const [name, parts, again] of FORMS) {
      const prompts: (readonly Message[])[] = [];
      const base = enumerable({ answers: { '*': { done: 1 } } });
      const model: Model = {
        ...base,
        async sample(request, context) {
          prompts.push(request.prompt);
          const drawn = await base.sample(request, context);
          if (prompts.length > 1) return drawn;
          const content = [...parts, calls('c')] as unknown as readonly Content[];
          return { ...drawn, samples: drawn.samples.map((sample) => ({ ...sample, content })) };
        },
      };
      expect((await ask(plus(model, react({ tools: watched().box })), 'q')).text).toBe('done');
      const ours = { type: 'tool-call', toolCallId: 'c', toolName: 'add', input: { a: 1, b: 2 }, ...options };
      expect({ name, content: prompts[1]?.[1]?.content }).toEqual({ name, content: [...again, ours] });
      expect(resultsIn(prompts[1] ?? []).map(({ toolCallId }) => toolCallId)).toEqual(['c']);
    }
  });

  it('runs a tool with effects for one candidate only, unless it is allowed to run for each', async () => {
    const sent: unknown[] = [];
    const of = (more: Partial<RunnableTool>) =>
      toolbox('post', {
        send: { inputSchema: { type: 'object' }, execute: (input: unknown) => sent.push(input), ...more },
      });
    const post = of({});
    const acts = react({ tools: post });
    const isShort = scorer('short', () => 1);
    /** What stands around and below the tools, and how often a letter is sent; or what draws the candidates. */
    const FORMS: readonly (readonly [
      name: string,
      transforms: readonly Transform[],
      n: number,
      sent: number | string,
    ])[] = [
      ['alone', [acts], 1, 1],
      ['two answers', [acts], 2, 'n=2'],
      ['below a vote', [acts, selfConsistency({ n: 3 })], 1, 'selfConsistency'],
      ['below the best of some', [acts, bestOfN({ n: 2, score: isShort })], 1, 'bestOfN'],
      ['below drafts', [acts, selfRefine()], 1, 'selfRefine'],
      ['below what asks once', [acts, reRead()], 1, 1],
      ['below what asks once, of a vote', [acts, reRead(), selfConsistency({ n: 3 })], 1, 'selfConsistency'],
      ['below what asks once, for two answers', [acts, reRead()], 2, 'n=2'],
      ['around a vote', [selfConsistency({ n: 3 }), acts], 1, 1],
      ['below other tools that take turns', [acts, react({ tools: of({ readOnly: true }) })], 1, 1],
      ['below a calculator', [acts, calculator({ form: 'tool' })], 1, 1],
      ['tools that read, in a vote', [react({ tools: of({ readOnly: true }) }), selfConsistency({ n: 3 })], 1, 3],
      ['tools that may, in a vote', [react({ tools: post, effects: 'each' }), selfConsistency({ n: 3 })], 1, 3],
      [
        'tools that are handed out, in a vote',
        [react({ tools: of({ needsApproval: true }) }), selfConsistency({ n: 3 })],
        1,
        0,
      ],
      ['in words, in a vote', [react({ tools: post, form: 'text' }), selfConsistency({ n: 3 })], 1, 'selfConsistency'],
    ];
    for (const [name, transforms, n, expected] of FORMS) {
      sent.length = 0;
      const model = scripted(({ prompt }) =>
        prompt.some(({ role }) => role === 'tool') ? 'Answer: sent' : call({ toolName: 'send', input: {} }),
      );
      const asked = ask(plus(model, ...transforms), { ...toRequest('q'), n });
      const outcome = await asked.then(() => sent.length, String);
      const refusal = `InvalidOption: toolbox post: send may have effects, and ${expected} draws several candidates, each of which would run it. Mark a tool that only reads with \`readOnly: true\`, put \`react\` around the rest, or allow it with effects="each"`;
      const refused = typeof expected === 'string';
      expect({ name, outcome, calls: refused ? model.calls.length : 0 }).toEqual({
        name,
        outcome: refused ? refusal : expected,
        calls: 0,
      });
    }
  });

  it('takes tools of AI SDK 6 and 7, Standard Schemas, lazy schemas and progress', async () => {
    const seen: unknown[] = [];
    const even = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          (value as { n: number }).n % 2 === 0 ? { value: { n: 2 } } : { issues: [{ message: 'n must be even' }] },
        jsonSchema: { input: ({ target }: { target: string }) => ({ type: 'object', title: target }) },
      },
    };
    const note = async (input: unknown): Promise<string> => (seen.push(input), 'noted');
    const box = toolbox('mixed', {
      seven: tool({ description: '7', inputSchema: jsonSchema<{ a: number }>(numbers), execute: note }),
      six: tool6({
        description: '6',
        inputSchema: jsonSchema6<{ a: number }>(numbers, {
          validate: () => ({ success: false, error: new Error('never valid') }),
        }),
        execute: note,
      }),
      even: { inputSchema: even, execute: note },
      lazy: {
        inputSchema: () => jsonSchema(numbers),
        execute: note,
        toModelOutput: ({ output }: { output: unknown }) => ({ type: 'text', value: `told: ${String(output)}` }),
      },
      steady: {
        inputSchema: numbers,
        async *execute() {
          yield 'half';
          yield { whole: true };
        },
      },
      approved: tool({ inputSchema: jsonSchema(numbers), execute: note, needsApproval: true }),
    });
    const model = scripted([
      call(
        { toolName: 'seven', input: { a: 1 } },
        { toolName: 'six', input: { a: 1 } },
        { toolName: 'even', input: { n: 4 } },
        { toolName: 'even', input: { n: 3 } },
        { toolName: 'lazy', input: {} },
        { toolName: 'steady', input: {} },
      ),
      call({ toolName: 'approved', input: {} }),
    ]);
    const { sample } = await ask(plus(model, react({ tools: box })), 'q');
    expect(sample.content).toMatchObject([{ type: 'tool-call', toolName: 'approved' }]);
    expect(seen).toEqual([{ a: 1 }, { n: 2 }, {}]);
    expect(resultsIn(model.calls[1]?.request.prompt ?? []).map(({ output }) => output)).toEqual([
      { type: 'text', value: 'noted' },
      { type: 'error-text', value: 'The input does not fit: never valid' },
      { type: 'text', value: 'noted' },
      { type: 'error-text', value: 'The input does not fit: n must be even' },
      { type: 'text', value: 'told: noted' },
      { type: 'json', value: { whole: true } },
    ]);
    expect(model.calls[0]?.request.tools?.[2]).toMatchObject({ inputSchema: { type: 'object', title: 'draft-07' } });
  });

  it('votes over the answers it comes to, and refuses what is no toolbox', async () => {
    const { box } = watched();
    const model = scripted(() => 'Answer: 4');
    const voted = await ask(plus(model, react({ tools: box }), selfConsistency({ n: 3 })), 'q');
    expect(voted.sample.answer).toBe('4');
    expect(() => react({ tools: { name: 'x' } as never })).toThrow('react: tools must be a toolbox');
    expect(() => toolbox('x', { y: {} as never })).toThrow('toolbox x: y must have an inputSchema');
    const wordless = toolbox('x', {
      y: { inputSchema: { '~standard': { validate: () => ({ value: 1 }) } }, execute: async () => 1 },
    });
    await expect(ask(plus(model, react({ tools: wordless })), 'q')).rejects.toThrow('cannot be written as JSON schema');
  });

  it('in words keeps the format of the answer out of the calls, and tells several results by name', async () => {
    const { box } = watched();
    const model = scripted(['Action: add {"a": 1, "b": 2}\nAction: add {"a": 3, "b": 4}', 'Answer: 10']);
    const asked: Request = {
      ...toRequest('How much?'),
      responseFormat: { type: 'json' },
      toolChoice: { type: 'auto' },
    };
    expect((await ask(plus(model, react({ tools: box, form: 'text' })), asked)).text).toBe('Answer: 10');
    expect(model.calls[0]?.request).not.toHaveProperty('responseFormat');
    expect(model.calls[1]?.request.prompt.at(-1)).toEqual(user('Observation: add: 3\nadd: 7'));
  });
});
