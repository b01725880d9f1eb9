import { describe, expect, it } from 'vitest';
import {
  ask,
  assistant,
  CapabilityMissing,
  plus,
  questionOf,
  scorer,
  textOf,
  user,
  type Request,
} from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { exact } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './beam-search.law.ts';
import { beamSearch } from './beam-search.ts';
import { REST } from '../shared/steps.ts';

testLaw(law);

const late = scorer('late', ({ content }) => textOf(content).charCodeAt(textOf(content).trimEnd().length - 1));
const base = enumerable({ answers: { '*': { 'a\nb\nc': 1, 'a\nb\nd': 1, 'a\nc\na': 1, 'b\na\na': 1 } } });

describe('beamSearch', () => {
  it('shows the scorer every text so far, once', async () => {
    const seen: string[] = [];
    const score = scorer('watching', ({ content, finish }) => {
      seen.push(`${finish.raw}: ${textOf(content)}`);
      return 0;
    });
    const one = enumerable({ answers: { '*': { 'a\n\n b\nc': 1 } } });
    const { text } = await ask(plus(one, beamSearch({ beams: 1, width: 1, score })), 'q');
    expect(text).toBe('a\n\n b\nc');
    expect(seen).toEqual(['step: a\n', 'step: a\n\n b\n', 'stop: a\n\n b\nc']);
  });

  it('cuts at the separator it is given', async () => {
    const one = enumerable({ answers: { '*': { 'a\nb\n\nc. d': 1 } } });
    const { sample } = await ask(plus(one, beamSearch({ beams: 1, width: 1, score: () => 0, separator: '\n\n' })), 'q');
    expect(sample.providerMetadata?.plusx).toMatchObject({ steps: 2 });
    expect(() => beamSearch({ score: late, separator: '' })).toThrow('must not be empty');
  });

  it('stops at the separator where a draw is a step, and ends the best beginning', async () => {
    const texts: string[] = [];
    const score = scorer('watching', ({ content }) => {
      texts.push(textOf(content));
      return 0;
    });
    const one = enumerable({ answers: { '*': { 'ab\ncd\nef\ngh': 1 } } });
    const search = (draw: 'whole' | 'step', steps: number) =>
      ask(plus(one, beamSearch({ beams: 1, width: 1, score, draw, steps })), 'q');
    const step = await search('step', 2);
    expect(step.text).toBe('ab\ncd\nef\ngh');
    expect(texts).toEqual(['ab\n', 'ab\ncd\n']);
    expect([step.usage.calls, step.usage.outputTokens]).toEqual([3, 2 + 2 + 5]);
    const whole = await search('whole', 2);
    expect([whole.text, whole.usage.calls, whole.usage.outputTokens]).toEqual([step.text, 2, 11 + 8]);
    expect((await search('step', 9)).usage).toMatchObject({ calls: 4, outputTokens: 8 });
  });

  it('gives the beginning that is there, marked, where a budget ends a search step by step', async () => {
    const one = enumerable({ answers: { '*': { 'ab\ncd\nef': 1 } } });
    const model = plus(one, beamSearch({ beams: 1, width: 1, score: () => 0, draw: 'step' }));
    const { text, exhausted, sample } = await ask(model, 'q', { budget: { calls: 2 } });
    expect([text, exhausted, sample.finish]).toEqual(['ab\ncd\n', 'calls', { unified: 'interrupted', raw: 'step' }]);
  });

  it('draws a step alone only where the back end says what ended it, and cuts where it knows no stop sequences', async () => {
    const search = (finish: (text: string) => string) => {
      const chat = scripted((_request, { prefix = '' }) => finish(prefix), { can: { continueFrom: true } });
      return ask(plus(chat, beamSearch({ beams: 1, width: 1, score: () => 0, draw: 'step', steps: 2 })), 'q');
    };
    await expect(search(() => 'one line')).rejects.toThrow(/draw must be "whole" for a back end that does not say/);
    expect((await search((prefix) => `${prefix}two\nlines`)).text).toBe('two\ntwo\ntwo\nlines');
    expect(() => beamSearch({ score: late, draw: 'step', by: 'prompt' })).toThrow(
      /draw must be "whole" with by="prompt"/,
    );
  });

  it('keeps the conversation and the settings of the request in every call', async () => {
    const requests: (Request & { prefix?: string })[] = [];
    const watching = scripted(
      (request, { prefix }) => {
        requests.push({ ...request, ...(prefix !== undefined && { prefix }) });
        return prefix === undefined ? 'a\nb' : `${prefix}b`;
      },
      { can: { continueFrom: true } },
    );
    const prompt = [user('Hello'), assistant('Hi'), user('q')];
    await ask(plus(watching, beamSearch({ beams: 1, width: 2, score: late })), { prompt, temperature: 0.4, topP: 0.9 });
    expect(requests.map(({ prefix }) => prefix)).toEqual([undefined, undefined, 'a\n', 'a\n']);
    for (const one of requests) expect(one).toMatchObject({ prompt, temperature: 0.4, topP: 0.9 });
  });

  it('is refused where a text cannot be gone on with, unless the rest may be asked for', async () => {
    const chat = scripted(({ prompt }) => (questionOf(prompt) === 'q' ? 'one\ntwo\nthree' : '\ntwo again\n'));
    expect(() => plus(chat, beamSearch({ score: late }))).toThrow(CapabilityMissing);
    const { text, sample } = await ask(plus(chat, beamSearch({ beams: 1, width: 1, score: late, by: 'prompt' })), 'q');
    expect(text).toBe('one\ntwo again\n');
    expect(sample.semantics.kind).toBe('heuristic');
    expect(chat.calls.map(({ request }) => request.prompt)).toEqual([
      [user('q')],
      [user('q'), assistant('one\n'), user(REST())],
    ]);
  });

  it('answers with a whole text when the budget ends in the middle', async () => {
    for (let calls = 1; calls < 8; calls++) {
      const { text, exhausted } = await ask(plus(base, beamSearch({ beams: 2, width: 2, score: late })), 'q', {
        budget: { calls },
      });
      expect(text.split('\n')).toHaveLength(3);
      expect(exhausted).toBe('calls');
    }
  });

  it('searches diverse trees apart: none crowds out another', async () => {
    // Everything that begins with b scores more at first, and less at the end.
    const score = scorer('lure', ({ content }) => {
      const text = textOf(content);
      return text.startsWith('b') ? (text.length < 3 ? 9 : 0) : 1;
    });
    const trap = enumerable({ answers: { '*': { 'a\nx': 1, 'b\nx': 1 } } });
    const found = async (variant: 'beam' | 'dvts'): Promise<number | undefined> =>
      (await exact(plus(trap, beamSearch({ beams: 2, width: 2, score, variant })))).get('a\nx');
    expect(await found('beam')).toBeCloseTo(5 / 16, 12); // at most one of four begins with b
    expect(await found('dvts')).toBeCloseTo(7 / 16, 12); // both of two begin with a, in either tree
  });
});
