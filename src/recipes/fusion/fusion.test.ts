import { describe, expect, it } from 'vitest';
import { ask, plus, stream, UpstreamError, type Clock } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted, type Scripted, type Step } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { all, asked, facts, formed, forms, says, whole } from '../test-support/conversation.ts';
import { law } from './fusion.law.ts';
import { fusion, PICK, SYNTHESIZE } from './fusion.ts';

testLaw(law);

/** A clock that stands still until it is moved. */
function stillClock(): Clock & { move(ms: number): void } {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    move(ms) {
      now += ms;
      for (const timer of timers)
        if (timer.at <= now) {
          timers.delete(timer);
          timer.callback();
        }
    },
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('fusion', () => {
  const judge = (reply: string | ((text: string) => string)): Scripted =>
    says('judge', (text) => (typeof reply === 'string' ? reply : reply(text)));
  const fixed = (name: string, text: string): Scripted => says(name, () => text);

  it('has the judge write from anonymous answers, in the form that is asked for, and streams it', async () => {
    const models = [fixed('a', 'one'), fixed('b', 'two'), fixed('c', 'three')];
    const by = judge('{"n":3}');
    const model = fusion(models, { judge: by });
    const { text, sample, usage } = await ask(model, formed);
    expect([text, usage.calls, facts(sample)]).toMatchObject(['{"n":3}', 4, { candidates: 3, dropped: 0 }]);
    const seen = asked(by)[0] as string;
    const shown = [...seen.matchAll(/^\[[A-C]\]\n(.*)$/gm)].map(([, one]) => one as string);
    expect(seen).toBe(
      SYNTHESIZE({ ...whole, candidates: shown.map((one, i) => `[${'ABC'[i]}]\n${one}`).join('\n\n') }),
    );
    expect(shown.toSorted()).toEqual(['one', 'three', 'two']);
    expect(forms(by)).toEqual([true]);
    const orders = new Set<string>();
    for (let seed = 0; seed < 24; seed++) {
      await ask(model, 'q', { seed });
      orders.add([...(asked(by).at(-1) as string).matchAll(/^\[[A-C]\]\n(.*)$/gm)].map(([, one]) => one).join());
    }
    expect(orders.size).toBeGreaterThan(3);
    const parts = await all(stream(model, 'q'));
    const told = parts.findIndex(({ type }) => type === 'reasoning-end');
    expect(parts.slice(told + 1, -1).map(({ type }) => type)).toEqual(['text-start', 'text-delta', 'text-end']);
  });

  it('picks where an answer calls a tool, and hands the calls on as they are', async () => {
    const call = { toolName: 'look', input: { at: 'sky' }, toolCallId: 'mine' };
    const caller = says('caller', () => ({ toolCalls: [call], providerMetadata: { own: { id: 1 } } }));
    const by = judge(
      (text) => `It is clear.\n**Best: ${text.indexOf('[call of look') < text.indexOf('words') ? 'A' : 'B'}**`,
    );
    for (let seed = 0; seed < 6; seed++) {
      const { sample } = await ask(fusion([fixed('b', 'words'), caller], { judge: by }), formed, { seed });
      expect(sample.content).toEqual([
        { type: 'tool-call', toolCallId: 'mine', toolName: 'look', input: '{"at":"sky"}' },
      ]);
      expect([sample.finish.unified, facts(sample), sample.providerMetadata?.['own']]).toMatchObject([
        'tool-calls',
        { model: 'caller' },
        { id: 1 },
      ]);
    }
    expect(asked(by)[0]).toMatch(PICK({ ...whole, candidates: '' }).slice(0, 40));
    expect(forms(by)).toEqual([false, false, false, false, false, false]);
  });

  it('takes the answer of the first model where the judge picks none', async () => {
    const { text, warnings } = await ask(
      fusion([fixed('a', 'x'), fixed('b', 'y')], { mode: 'pick', judge: judge('Neither.') }),
      'q',
    );
    expect([text, warnings[0]?.code]).toEqual(['x', 'no-pick']);
  });

  it('drops who is late after the quorum is there, cancels it, and says so', async () => {
    const clock = stillClock();
    let cancelled = 0;
    const slow = scripted(
      (_, { signal }) =>
        new Promise<Step>((_, reject) =>
          signal.addEventListener('abort', () => {
            cancelled++;
            reject(signal.reason);
          }),
        ),
      { name: 'slow' },
    );
    const by = judge('fused');
    // A member that votes: none of its votes is in, and half a vote must not pass for its answer.
    const voter = plus(slow, selfConsistency({ n: 3 }));
    const model = fusion([voter, fixed('b', 'two'), fixed('c', 'three')], { quorum: 2, graceMs: 100, judge: by });
    const running = ask(model, 'q', { clock });
    await turn();
    clock.move(99);
    await turn();
    expect([cancelled, by.calls.length]).toEqual([0, 0]);
    clock.move(1);
    const { text, warnings, sample, usage } = await running;
    expect([text, cancelled, facts(sample), usage.unreported]).toMatchObject([
      'fused',
      3,
      { candidates: 2, dropped: 1 },
      3,
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/slow \+ selfConsistency\(n=3\) had no answer 100 ms after 2 others/),
    ]);
  });

  it('goes on without a model that fails, and needs no judge for a single answer', async () => {
    const down = says('down', () => new UpstreamError({ url: 'http://x', status: 500, body: '', retryable: false }));
    const by = judge('unasked');
    const { text, sample, warnings } = await ask(fusion([down, fixed('b', 'two')], { judge: by }), 'q');
    expect([text, facts(sample), warnings[0]?.code, by.calls.length]).toMatchObject([
      'two',
      { model: 'b' },
      'candidate-lost',
      0,
    ]);
    await expect(ask(fusion([down, down]), 'q')).rejects.toThrow(UpstreamError);
  });

  it('keeps one call of a budget back for the judge', async () => {
    const by = judge('fused');
    const models = [fixed('a', 'one'), fixed('b', 'two'), fixed('c', 'three')];
    const { text, exhausted, sample } = await ask(fusion(models, { judge: by }), 'q', { budget: { calls: 3 } });
    expect([text, exhausted, facts(sample)]).toMatchObject(['fused', 'calls', { candidates: 2 }]);
  });

  it('keeps half of the tokens back for the judge, who reads what the panel wrote', async () => {
    const wordy = (letter: string) => enumerable({ name: letter, answers: { '*': { [letter.repeat(200)]: 1 } } });
    const by = enumerable({ name: 'by', answers: { '*': { fused: 1 } } });
    const model = fusion(['a', 'b', 'c'].map(wordy), { judge: by });
    const { text, exhausted, usage, sample } = await ask(model, 'q', { budget: { tokens: 1200 } });
    expect([text, exhausted, facts(sample)]).toMatchObject(['fused', 'tokens', { candidates: 2 }]);
    expect((usage.inputTokens ?? NaN) + (usage.outputTokens ?? NaN)).toBeLessThanOrEqual(1200);
    expect(await ask(model, 'q', { budget: { tokens: 1600 } })).toMatchObject({ text: 'fused' });
  });

  it('wants a quorum there can be', () => {
    expect(() => fusion([fixed('a', '1')], { quorum: 2 })).toThrow(/quorum must be at most 1/);
  });
});
