import { describe, expect, it } from 'vitest';
import { callsIn } from './call.ts';

const F = '```';
const Q = '{"q":"x"}';

describe('a call written as text', () => {
  it.each([
    [`Action: look ${Q}`],
    [`Action: look\nAction Input: ${Q}`],
    [`Action: look\n\nAction Input: ${Q}`],
    [`Action: look\nInput: ${Q}`],
    [`Action: look\n${Q}`],
    ['Action: look {\n  "q": "x"\n}'],
    [`**Action:** look ${Q}`],
    [`**Action**: look\n**Action Input**: ${Q}`],
    [`- Action: look ${Q}`],
    [`* **Action:** look ${Q}`],
    [`1. Action: look ${Q}`],
    [`Action 1: look ${Q}`],
    [`> Action: look ${Q}`],
    [`### Action: look ${Q}`],
    [`\`Action: look ${Q}\``],
    [`Action: \`look ${Q}\``],
    [`Action: \`look\` ${Q}`],
    [`Action: "look" ${Q}`],
    [`Action: [look] ${Q}`],
    [`action: look ${Q}`],
    [`ACTION: LOOK ${Q}`],
    [`Action: look ${Q}.`],
    [`Action: look(${Q})`],
    [`Action: look (${Q}).`],
    ['Action: look(q="x")'],
    ["Action: look(q='x')"],
    ["Action: look {'q': 'x'}"],
    ['Action: look {"q": "x",}'],
    [`Action: look with ${Q}`],
    [`Action: look\nAction Input:\n${F}json\n${Q}\n${F}`],
    [`Action: look\n${F}json\n${Q}\n${F}`],
    [`Action: {"name": "look", "arguments": ${Q}}`],
    [`Action:\n${F}json\n{"action": "look", "action_input": ${Q}}\n${F}`],
    [`Thought: I need it.\nAction: look\nAction Input: ${Q}\nThought: done`],
    [`Action: look ${Q}\nObservation: made up\nAction: look {"q":"y"}`],
    [`<think>Action: look {"q":"y"}</think>\nAction: look ${Q}`],
    [`<tool_call>{"name": "look", "arguments": ${Q}}</tool_call>`],
    [`<tool_call>\n{"name": "look", "arguments": ${JSON.stringify(Q)}}\n</tool_call>`],
    [`<tool_call>{"name": "look", "arguments": ${Q}}`],
    [`<function=look>${Q}</function>`],
    ['<function=look>\n<parameter=q>\nx\n</parameter>\n</function>'],
    [`[TOOL_CALLS] [{"name": "look", "arguments": ${Q}}]`],
    [`I look.\n${F}json\n{"name": "look", "arguments": ${Q}}\n${F}`],
    [`{"tool": "look", "input": ${Q}}`],
    [`{"type": "function", "function": {"name": "look", "arguments": ${Q}}}`],
  ])('%j', (reply) => {
    const { calls, unread } = callsIn(reply, ['look']);
    expect(calls.map(({ tool, input }) => [tool, JSON.parse(input) as unknown])).toEqual([['look', { q: 'x' }]]);
    expect(unread).toBeUndefined();
  });

  it.each([
    ['Action: look'],
    ['Action: look()'],
    ['Action: look {}'],
    ['Action: look\nAction Input: None'],
    ['**Action:** look.'],
  ])('%j has no input', (reply) =>
    expect(callsIn(reply, ['look'])).toMatchObject({ calls: [{ tool: 'look', input: '{}' }] }),
  );

  it.each([
    ['Action: look {"q": "x"'],
    ['Action: look {q: x}'],
    ['Action: I will search for x'],
    ['Action: look\nAction Input: the weather'],
    ['Action: look "the weather"'],
    ['Action: look ["x"]'],
    ['Action:'],
    ['<tool_call>{"name": "look"'],
    ['<tool_call>look(x)</tool_call>'],
    ['<function=look>x</function>'],
  ])('%j looks like one and is none', (reply) => {
    const { calls, unread } = callsIn(reply, ['look']);
    expect([calls, unread]).toEqual([[], expect.any(String)]);
  });

  it.each([
    ['Answer: 5'],
    ['The action: look is good'],
    ['{"name": "Bob", "arguments": {"q": "x"}}'],
    ['{"answer": 5}'],
    [''],
  ])('%j is none', (reply) => expect(callsIn(reply, ['look'])).toEqual({ calls: [], text: reply }));

  it('may be several, and what is kept of the text ends with the last', () => {
    const { calls, text, unread } = callsIn('Well.\nAction: look {"q":"x"}\nAction: look {"q":"y"}\nand so on', [
      'look',
    ]);
    expect(calls.map(({ input }) => input)).toEqual(['{"q":"x"}', '{"q":"y"}']);
    expect(text).toBe('Well.\nAction: look {"q":"x"}\nAction: look {"q":"y"}');
    expect(unread).toBeUndefined();
    expect(callsIn('Action: look {"q":"x"}\nAction: look {', ['look'])).toMatchObject({
      calls: [{}],
      unread: 'Action: look {',
    });
  });

  it('takes numbers and names as they are', () => {
    expect(callsIn('Action: add {"a": 12345678901234567890}').calls).toEqual([
      { tool: 'add', input: '{"a": 12345678901234567890}' },
    ]);
    expect(callsIn('Action: __proto__ {"__proto__": 1}').calls).toEqual([
      { tool: '__proto__', input: '{"__proto__": 1}' },
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
