import { expect, it } from 'vitest';
import { ask, plus, questionOf, user, type Request } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './universal-self-consistency.law.ts';
import { universalSelfConsistency } from './universal-self-consistency.ts';

testLaw(law);

const DRAFTS = ['rain later today', 'sunny all day', 'showers in the afternoon'];
const isPick = (request: Request): boolean => questionOf(request.prompt).includes('[Answer 1]');

/** Writes the drafts in turn, and replies to the question which is most consistent with what `reply` makes of it. */
function writer(reply: (shown: string) => string): Scripted {
  return scripted((request, { index }) =>
    isPick(request) ? reply(questionOf(request.prompt)) : (DRAFTS[index] as string),
  );
}

/** The number under which a text stands in what was shown. */
const numberOf = (text: string, shown: string): string =>
  new RegExp(`\\[Answer (\\d)\\]\\n${text}`).exec(shown)?.[1] as string;

it.each([
  (n: string) => `They say much the same.\nMost consistent: ${n}`,
  (n: string) => `**Most consistent:** Answer ${n}.`,
  (n: string) => `"Most consistent: 1" would be wrong.\nMost consistent: ${n}`,
  (n: string) => `${n}.`,
])('returns the one that is named, whatever place it was shown in', async (say) => {
  for (let seed = 0; seed < 8; seed++) {
    const model = writer((shown) => say(numberOf('showers in the afternoon', shown)));
    const { text, sample, usage } = await ask(plus(model, universalSelfConsistency({ n: 3 })), 'Weather?', { seed });
    expect([text, usage.calls]).toEqual(['showers in the afternoon', 4]);
    expect(sample.providerMetadata?.['plusx']).toEqual({ candidates: 3, picked: 2 });
  }
});

it('shows the candidates in other orders under other seeds, and in one order under one seed', async () => {
  const first = async (seed: number): Promise<string> => {
    let seen = '';
    const model = writer((shown) => ((seen = shown), '1'));
    await ask(plus(model, universalSelfConsistency({ n: 3 })), 'Weather?', { seed });
    return seen;
  };
  const orders = new Set(await Promise.all(Array.from({ length: 30 }, (_, seed) => first(seed))));
  expect(orders.size).toBe(6);
  expect(await first(7)).toBe(await first(7));
});

it.each(['I cannot tell.', 'Most consistent: 9', 'There are 3 of them, and 2 agree.'])(
  'falls back to the first with a warning where the reply is "%s"',
  async (reply) => {
    const { text, sample, warnings } = await ask(
      plus(
        writer(() => reply),
        universalSelfConsistency({ n: 3 }),
      ),
      'W?',
    );
    expect([text, warnings.map(({ code }) => code)]).toEqual(['rain later today', ['none-picked']]);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ picked: null });
  },
);

it('asks in prose at the end of the conversation, and tells no names', async () => {
  const model = writer(() => '2');
  const request: Request = {
    prompt: [user('Weather?')],
    responseFormat: { type: 'json' },
    tools: [{ type: 'function', name: 'forecast', inputSchema: {} }],
    temperature: 0.5,
  };
  await ask(plus(model, universalSelfConsistency({ n: 3 })), request);
  const asked = model.calls.at(-1)?.request;
  expect(asked).toMatchObject({ temperature: 0.5, toolChoice: { type: 'none' } });
  expect(asked?.responseFormat).toBeUndefined();
  expect(asked?.prompt.map(({ role }) => role)).toEqual(['user', 'user']);
  expect(questionOf(asked?.prompt ?? [])).not.toContain('scripted');
});

it('speaks as the caller words it, with another model if there is one', async () => {
  const picker = scripted(['Most consistent: 1'], { name: 'picker' });
  const pick = 'Of these: {candidates}\nWhich for {question}';
  const { usage } = await ask(
    plus(
      writer(() => ''),
      universalSelfConsistency({ n: 3, picker, pick }),
    ),
    'Weather?',
  );
  expect(usage.calls).toBe(4);
  expect(questionOf(picker.calls[0]?.request.prompt ?? [])).toMatch(
    /^Of these: \[Answer 1\][\s\S]*Which for Weather\?$/,
  );
  expect(() => universalSelfConsistency({ pick: 'Which?' })).toThrow(/pick must be a text with \{candidates\} in it/);
});

it('returns the first where the budget leaves no call to pick', async () => {
  const model = plus(
    writer(() => '3'),
    universalSelfConsistency({ n: 3 }),
  );
  const { text, exhausted } = await ask(model, 'Weather?', { budget: { calls: 3 } });
  expect([text, exhausted]).toEqual(['rain later today', 'calls']);
});
