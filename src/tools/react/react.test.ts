import { jsonSchema, tool } from 'ai7';
import { tool as tool6, jsonSchema as jsonSchema6 } from 'ai6';
import { describe, expect, it } from 'vitest';
import { ask, memoryJournal, plus, toRequest, user, type Request } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { call, resultsIn } from '../shared/test-support/calls.ts';
import { toolbox } from '../shared/toolbox.ts';
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
      execute: async ({ a, b }: { a: number; b: number }) => {
        ran.push(`add ${a} ${b}`);
        return a + b;
      },
    },
    fail: {
      inputSchema: { type: 'object' },
      execute: async () => {
        ran.push('fail');
        throw new Error('no luck');
      },
    },
    ask: { description: 'asks the person', inputSchema: { type: 'object' } },
  });
  return { ran, box };
}

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

  it("hands the calls that are the caller's to make out as the answer, and runs nothing of that step", async () => {
    const { box, ran } = watched();
    const step = call({ toolName: 'add', input: { a: 1, b: 2 } }, { toolName: 'ask', input: { why: 1 } });
    const own = scripted([step]);
    const { sample } = await ask(plus(own, react({ tools: box })), 'q');
    expect(sample.content.filter(({ type }) => type === 'tool-call')).toHaveLength(2);
    expect(ran).toEqual([]);
    const theirs = scripted([call({ toolName: 'weather', input: {} })]);
    const weather = { type: 'function', name: 'weather', inputSchema: { type: 'object' } } as const;
    const answer = await ask(plus(theirs, react({ tools: box })), { prompt: [user('q')], tools: [weather] });
    expect(answer.sample.content).toMatchObject([{ type: 'tool-call', toolName: 'weather' }]);
    expect(theirs.calls[0]?.request.tools?.map(({ name }) => name)).toEqual(['weather', 'add', 'fail', 'ask']);
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
