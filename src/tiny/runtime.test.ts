import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatcher } from './batcher.ts';
import { chatIds, turnsOf } from './spelling/chat.ts';
import { createRuntime } from './runtime.ts';
import { byteToken, randomWeights } from './test-support/random-weights.ts';
import { createTokenizer } from './spelling/tokenizer.ts';
import { parseWeights } from './network/weights.ts';
import { createWriter } from './spelling/writer.ts';

describe('batcher', () => {
  it('does together what is asked for in one turn, in order, and no more than the most', async () => {
    const batches: number[][] = [];
    const twice = createBatcher<number, number>((jobs) => {
      batches.push([...jobs]);
      return jobs.map((job) => job * 2);
    }, 3);
    const chained = (async () => (await twice(1)) + (await twice(10)))();
    const others = [2, 3, 4].map(twice);
    expect(await Promise.all(others)).toEqual([4, 6, 8]);
    expect(await chained).toBe(22);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 10],
    ]);
  });

  it('an error goes to all that were in the batch, and the next batch works', async () => {
    const only = createBatcher<number, number>((jobs) => {
      if (jobs.includes(0)) throw new RangeError('zero');
      return jobs;
    }, 10);
    const outcomes = await Promise.allSettled([only(0), only(1)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await only(2)).toBe(2);
  });
});

describe('prompts', () => {
  const weights = parseWeights(randomWeights());
  it('are read once, share their beginnings, and what is remembered is not what the caller gives back', async () => {
    const { engine, prompt } = createRuntime(weights);
    const long = Array.from({ length: 40 }, (_, i) => i);
    const states = await Promise.all(Array.from({ length: 10 }, () => prompt(long)));
    expect(engine.pages.used).toBe(3);
    const other = await prompt([...long.slice(0, 35), 9, 9]);
    expect(engine.pages.used).toBe(4); // the last page differs
    const shorter = await prompt(long.slice(0, 20));
    expect(Buffer.from(shorter.logits.buffer)).toEqual(
      Buffer.from((await createRuntime(weights).prompt(long.slice(0, 20))).logits.buffer),
    );
    for (const state of [...states, other, shorter]) engine.release(state);
    const used = engine.pages.used;
    engine.release(await prompt(long));
    expect(engine.pages.used).toBe(used);
  });

  it('a prompt that cannot be read is not remembered', async () => {
    const { engine, prompt } = createRuntime(weights);
    await expect(prompt([9999])).rejects.toThrow('no token');
    await expect(prompt([9999])).rejects.toThrow('no token');
    expect(engine.pages.used).toBe(0);
  });

  it('the oldest are forgotten when there are too many', async () => {
    const { bytes } = createRuntime(weights).engine.pages;
    const { engine, prompt } = createRuntime(weights, { remember: 7 * bytes });
    for (let i = 10; i < 20; i++) {
      const ids = [i, ...Array.from({ length: 40 }, () => 9)];
      const states = await Promise.all([prompt(ids), prompt([...ids].reverse())]);
      states.forEach(engine.release);
      expect(engine.pages.used).toBeLessThanOrEqual(7);
    }
    expect(engine.pages.used).toBe(6);
  });
});

describe('writer', () => {
  const tokenizer = createTokenizer({ specials: ['<end>'], roles: {}, end: 0, merges: [] });
  const pushAll = (text: string, stop: string[], given = 0): { shown: string; text: string; stopped: boolean } => {
    const writer = createWriter(tokenizer, stop, given);
    let shown = '';
    for (const token of tokenizer.encode(text)) {
      writer.push(token);
      shown += writer.show();
      if (writer.stopped) break;
    }
    writer.close();
    return { shown: shown + writer.show(), text: writer.text, stopped: writer.stopped };
  };
  it('ends the text before the first stop sequence, and never shows what is taken back', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂') });
    fc.assert(
      fc.property(
        letters,
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 3 }), { maxLength: 3 }),
        (text, stop) => {
          const ends = stop.flatMap((one) => (text.includes(one) ? [text.indexOf(one) + one.length] : []));
          const first = Math.min(...ends);
          const cut = Math.min(
            ...stop.flatMap((one) => (text.slice(0, first).endsWith(one) ? [first - one.length] : [])),
          );
          const expected = ends.length === 0 ? text : text.slice(0, cut);
          expect(pushAll(text, stop)).toEqual({ shown: expected, text: expected, stopped: ends.length > 0 });
        },
      ),
    );
  });
  it('does not look into what was given', () => {
    expect(pushAll('a\nb\nc', ['\n'], 3).text).toBe('a\nb');
  });
  it('a letter that is never finished is U+FFFD', () => {
    const writer = createWriter(tokenizer, []);
    expect([writer.push(1 + 0xc3), writer.close(), writer.text]).toEqual(['', '\uFFFD', '\uFFFD']);
  });
});

it('a chat is role tokens and texts, the end token after the assistant, and it waits for the assistant', () => {
  const tokenizer = createRuntime(parseWeights(randomWeights())).tokenizer;
  const turns = turnsOf([
    { role: 'system', content: 'S' },
    { role: 'user', content: [{ type: 'text', text: 'U' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'A' },
        { type: 'reasoning', text: 'hidden' },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: '1', toolName: 't', output: { type: 'text', value: 'T' } },
        { type: 'tool-result', toolCallId: '2', toolName: 't', output: { type: 'json', value: [1] } },
      ],
    },
  ]);
  const b = byteToken;
  expect(chatIds(tokenizer, turns)).toEqual([
    1,
    b('S'),
    2,
    b('U'),
    3,
    b('A'),
    0,
    4,
    b('T'),
    4,
    b('['),
    b('1'),
    b(']'),
    3,
  ]);
});
