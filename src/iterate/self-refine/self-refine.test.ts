import { describe, expect, it } from 'vitest';
import {
  ask,
  assistant,
  BudgetExceeded,
  plus,
  questionOf,
  system,
  user,
  type Message,
  type Model,
  type Request,
} from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './self-refine.law.ts';
import { CRITIQUE, REVISE, selfRefine } from './self-refine.ts';

testLaw(law);

/** A model that answers by a function of what is asked, and keeps every request. */
function writer(reply: (asked: string, prompt: readonly Message[]) => string): { model: Model; requests: Request[] } {
  const requests: Request[] = [];
  const inner = enumerable({ name: 'writer', answers: (prompt) => ({ [reply(questionOf(prompt), prompt)]: 1 }) });
  const model: Model = {
    ...inner,
    sample(request, context) {
      requests.push(request);
      return inner.sample(request, context);
    },
  };
  return { model, requests };
}

const improving = (asked: string): string =>
  asked === CRITIQUE() ? 'too short' : asked.startsWith('Critique') ? 'a longer answer' : 'short';
const rounds = (sample: { providerMetadata?: unknown }): unknown =>
  (sample.providerMetadata as { plusx: { rounds: number } }).plusx.rounds;

describe('selfRefine', () => {
  it('only adds messages to the conversation, and keeps the rest of the request', async () => {
    const { model, requests } = writer(improving);
    const image: Message = {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
      ],
    };
    const prompt = [system('Be brief.'), image, assistant('A cat.'), user('And now?')];
    const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
    const request: Request = { prompt, tools, temperature: 0.3, responseFormat: { type: 'json' } };
    await ask(plus(model, selfRefine({ rounds: 2 })), request);
    const short = assistant('short');
    const long = assistant('a longer answer');
    const revise = user(REVISE({ critique: 'too short' }));
    expect(requests.map(({ prompt }) => prompt)).toEqual([
      prompt,
      [...prompt, short, user(CRITIQUE())],
      [...prompt, short, revise],
      [...prompt, long, user(CRITIQUE())],
      [...prompt, short, revise, long, revise],
    ]);
    for (const [i, made] of requests.entries()) {
      expect(made).toMatchObject({ tools, temperature: 0.3 });
      const isCritique = i === 1 || i === 3;
      expect(made.responseFormat).toEqual(isCritique ? undefined : { type: 'json' });
      expect(made.toolChoice).toEqual(isCritique ? { type: 'none' } : undefined);
    }
  });

  it('returns the last revision and says how many there were', async () => {
    const { text, sample, usage } = await ask(plus(writer(improving).model, selfRefine({ rounds: 3 })), 'q');
    expect([text, rounds(sample), usage.calls]).toEqual(['a longer answer', 3, 7]);
  });

  it.each(['NOTHING TO FIX', 'Nothing to fix.', '**NOTHING TO FIX**', 'It is fine.\nNothing to fix!'])(
    'stops at the verdict %j, unless told never to',
    async (verdict) => {
      const { model } = writer((asked) => (asked === CRITIQUE() ? verdict : improving(asked)));
      const { text, sample, usage } = await ask(plus(model, selfRefine()), 'q');
      expect([text, rounds(sample), usage.calls]).toEqual(['short', 0, 2]);
      expect((await ask(plus(model, selfRefine({ stop: 'never' })), 'q')).usage.calls).toBe(5);
    },
  );

  it.each(['There is nothing to fix in the title, but the text is wrong.', ''])(
    'goes on after the critique %j',
    async (critique) => {
      const { model } = writer((asked) => (asked === CRITIQUE() ? critique : improving(asked)));
      expect((await ask(plus(model, selfRefine({ rounds: 1 })), 'q')).text).toBe('a longer answer');
    },
  );

  it('lets another model criticize', async () => {
    const critic = writer(() => 'dull');
    const { model, requests } = writer(improving);
    await ask(plus(model, selfRefine({ rounds: 2, critic: critic.model })), 'q');
    expect(critic.requests).toHaveLength(2);
    expect(requests.map(({ prompt }) => questionOf(prompt))).toEqual([
      'q',
      REVISE({ critique: 'dull' }),
      REVISE({ critique: 'dull' }),
    ]);
  });

  it('puts a tool call of the draft to the critic as text', async () => {
    const inner = writer(improving);
    const model: Model = {
      ...inner.model,
      async sample(request, context) {
        const sampled = await inner.model.sample(request, context);
        if (request.prompt.length > 1) return sampled;
        const call = { type: 'tool-call' as const, toolCallId: '1', toolName: 'look', input: '{"at":"sky"}' };
        return { ...sampled, samples: sampled.samples.map((sample) => ({ ...sample, content: [call] })) };
      },
    };
    await ask(plus(model, selfRefine({ rounds: 1 })), 'q');
    expect(inner.requests[1]?.prompt[1]).toEqual(assistant('[call of look with {"at":"sky"}]'));
  });

  it.each([
    [1, 'short', 0],
    [2, 'short', 0],
    [3, 'a longer answer', 1],
    [4, 'a longer answer', 1],
  ])('with %i calls to spend gives the best so far, marked so', async (calls, best, made) => {
    const model = plus(writer(improving).model, selfRefine({ rounds: 2 }));
    const { text, sample, exhausted } = await ask(model, 'q', { budget: { calls } });
    expect([text, rounds(sample), exhausted]).toEqual([best, made, 'calls']);
    await expect(ask(model, 'q', { budget: { calls }, atLimit: 'throw' })).rejects.toThrow(BudgetExceeded);
  });

  it('tells what the critic says', async () => {
    const lines: string[] = [];
    const { model } = writer(improving);
    await ask(plus(model, selfRefine({ rounds: 1 })), 'q', { onProgress: ({ text }) => void lines.push(text) });
    expect(lines).toEqual(['critique 1 of 1: too short']);
  });
});
