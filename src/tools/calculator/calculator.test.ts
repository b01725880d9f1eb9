import { describe, expect, it } from 'vitest';
import { ask, plus, user } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { call, resultsIn } from '../shared/test-support/calls.ts';
import { law } from './calculator.law.ts';
import { calculator } from './calculator.ts';

testLaw(law);

describe('calculator', () => {
  it("as a tool computes exactly, tells what is wrong, and leaves the caller's tools to the caller", async () => {
    const model = scripted([
      call(
        { toolName: 'calculator', input: { expression: '0.1 + 0.2' } },
        { toolName: 'calculator', input: { expression: '1/0' } },
      ),
      call({ toolName: 'send', input: {} }),
    ]);
    const send = { type: 'function', name: 'send', inputSchema: { type: 'object' } } as const;
    const { sample } = await ask(plus(model, calculator({ form: 'tool' })), { prompt: [user('q')], tools: [send] });
    expect(sample.content).toMatchObject([{ type: 'tool-call', toolName: 'send' }]);
    expect(resultsIn(model.calls[1]?.request.prompt ?? []).map(({ output }) => output)).toEqual([
      { type: 'text', value: '0.3' },
      { type: 'error-text', value: 'Error: it divides by zero.' },
    ]);
  });

  it("in words reads one call a reply, and lets the model be told in a tool's turn", async () => {
    const model = scripted(['Call: 2+3\nCall: 9*9', 'Answer: 5']);
    await ask(plus(model, calculator()), 'q');
    expect(model.calls[1]?.request.prompt.slice(1)).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'Call: 2+3' }] },
      user('Result: 5'),
    ]);
    const trained = scripted(['Call: 2+3', 'Answer: 5']);
    const own = {
      ...trained,
      prompts: { 'calculator.result': { say: ({ result = '' }) => result, asTool: true } },
    } as const;
    await ask(plus(own, calculator()), 'q');
    expect(resultsIn(trained.calls[1]?.request.prompt ?? [])).toMatchObject([{ output: { type: 'text', value: '5' } }]);
  });
});
