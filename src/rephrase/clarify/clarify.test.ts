import { describe, expect, it } from 'vitest';
import { ask, memoryJournal, plus, questionOf, user, type Answer, type Host, type Request } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './clarify.law.ts';
import { clarify, DECIDE, READ } from './clarify.ts';

testLaw(law);

const facts = ({ sample }: Answer): unknown => sample.providerMetadata?.['plusx'];
const asked = ({ calls }: ReturnType<typeof scripted>): string[] =>
  calls.map(({ request: { prompt } }) => questionOf(prompt));
/** Decides by the list, one line a round, and answers all else with what it is asked. */
const asker = (...lines: readonly string[]): ReturnType<typeof scripted> =>
  scripted(({ prompt }, { path }) => {
    const question = questionOf(prompt);
    if (!question.startsWith('Could the question')) return `<${question}>`;
    return lines[Number(/round\/(\d+)/.exec(path)?.[1] ?? 1) - 1] ?? 'CLEAR';
  });
/** A person who replies to each question, and keeps what was asked. */
const person = (reply = 'the red one'): { readonly host: Host; readonly heard: string[] } => {
  const heard: string[] = [];
  return { heard, host: { respond: async (question) => (heard.push(question), reply) } };
};

describe('clarify with a person', () => {
  it('asks, and answers in the light of the reply', async () => {
    const { host, heard } = person(' the red one ');
    const model = asker('ASK: Which one?');
    const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
    const request: Request = { prompt: [user('How big is it?')], tools, responseFormat: { type: 'json' } };
    const answer = await ask(plus(model, clarify()), request, { host });
    expect(answer.text).toBe('<How big is it?\n\nQ: Which one?\nA: the red one>');
    expect([heard, facts(answer), answer.warnings]).toEqual([['Which one?'], { asked: ['Which one?'] }, []]);
    expect(model.calls.map((call) => [call.request.tools, call.request.responseFormat])).toEqual([
      [undefined, undefined],
      [tools, { type: 'json' }],
    ]);
  });

  it('asks on until all is clear, and tells what it knows', async () => {
    const model = asker('ASK: Which one?', '`ask: How tall?`');
    const { host, heard } = person('');
    await ask(plus(model, clarify({ rounds: 3 })), 'q', { host });
    expect(heard).toEqual(['Which one?', 'How tall?']);
    expect(asked(model)[1]).toBe(DECIDE({ question: 'q', known: '\n\nAsked already:\nQ: Which one?\nA: (no reply)' }));
    expect(model.calls).toHaveLength(4);
  });

  it('never puts the same question twice', async () => {
    const { host, heard } = person();
    const model = asker('ASK: Which one?', 'ASK: which one');
    await ask(plus(model, clarify({ rounds: 5 })), 'q', { host });
    expect([heard, model.calls.length]).toEqual([['Which one?'], 3]);
  });

  it('puts one question once for all candidates drawn side by side', async () => {
    const { host, heard } = person();
    const answer = await ask(plus(asker('ASK: Which one?'), clarify(), selfConsistency({ n: 5 })), 'q', { host });
    expect([heard, answer.usage.calls]).toEqual([['Which one?'], 10]);
  });

  it.each(['CLEAR', '**Clear**', 'clear.'])('answers the question as it stands at %j', async (line) => {
    const { host, heard } = person();
    const answer = await ask(plus(asker(line), clarify()), 'q', { host });
    expect([answer.text, heard, answer.warnings]).toEqual(['<q>', [], []]);
  });

  it('says so where nothing is decided in the form asked for', async () => {
    const answer = await ask(plus(asker('Well, which one is meant?'), clarify()), 'q', { host: person().host });
    expect([answer.text, answer.warnings.map(({ code }) => code)]).toEqual(['<q>', ['no-decision']]);
  });

  it('does not ask again when a run is resumed', async () => {
    const journal = memoryJournal();
    const model = plus(asker('ASK: Which one?'), clarify());
    const { text } = await ask(model, 'q', { host: person().host, journal });
    const again = person('another one');
    const resumed = await ask(model, 'q', { host: again.host, journal });
    expect([resumed.text, again.heard, resumed.usage.calls - resumed.usage.replays]).toEqual([text, [], 0]);
  });

  it('stops waiting for a person at an abort', async () => {
    const controller = new AbortController();
    const host: Host = { respond: () => (controller.abort(new Error('enough')), new Promise(() => {})) };
    const model = plus(asker('ASK: Which one?'), clarify());
    await expect(ask(model, 'q', { host, signal: controller.signal })).rejects.toThrow('enough');
  });

  it('asks anew for those who wait when the one who asked is cut off', async () => {
    const controller = new AbortController();
    const waiting: ((reply: string) => void)[] = [];
    const host: Host = { respond: () => new Promise((resolve) => void waiting.push(resolve)) };
    const model = plus(asker('ASK: Which one?'), clarify());
    const first = ask(model, 'q', { host, signal: controller.signal });
    const second = ask(model, 'q', { host, seed: 1 });
    while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(waiting).toHaveLength(1);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    while (waiting.length === 1) await new Promise((resolve) => setTimeout(resolve, 0));
    waiting[1]?.('the blue one');
    expect((await second).text).toBe('<q\n\nQ: Which one?\nA: the blue one>');
  });
});

describe('clarify with nobody to ask', () => {
  it('states its reading, goes on, and says so', async () => {
    const model = asker('READING: the size of the red one');
    const answer = await ask(plus(model, clarify({ rounds: 3 })), 'How big is it?');
    expect(answer.text).toBe('<How big is it?\n\nRead as: the size of the red one>');
    expect(asked(model)[0]).toBe(READ({ question: 'How big is it?' }));
    expect(facts(answer)).toEqual({ asked: [], reading: 'the size of the red one' });
    expect(answer.warnings.map(({ code }) => code)).toEqual(['nobody-to-ask']);
  });

  it('says nothing where the question is clear, and lets another model decide', async () => {
    const [base, other] = [asker('READING: never heard'), asker('CLEAR')];
    const answer = await ask(plus(base, clarify({ asker: other })), 'q');
    expect([answer.text, answer.warnings, facts(answer)]).toEqual(['<q>', [], { asked: [] }]);
  });
});
