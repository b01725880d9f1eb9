import { expect, it } from 'vitest';
import { metStopSequence, stopSequenceAt } from './message.ts';

it('a stop sequence ended a text, or did not, or nobody says', () => {
  const met = (unified: 'stop' | 'length' | 'tool-calls', raw: string | undefined) => metStopSequence({ unified, raw });
  expect(['stop-sequence', 'stop_sequence'].map((raw) => met('stop', raw))).toEqual([true, true]);
  expect(['end', 'end_turn', 'eos_token'].map((raw) => met('stop', raw))).toEqual([false, false, false]);
  expect(['stop', undefined].map((raw) => met('stop', raw))).toEqual([undefined, undefined]);
  for (const raw of ['length', 'stop-sequence', 'end', undefined])
    expect([met('length', raw), met('tool-calls', raw)]).toEqual([false, false]);
});

it('the first stop sequence of a text is where any of them first begins', () => {
  expect(stopSequenceAt('a;b.c;', ['.', ';'])).toBe(1);
  expect(stopSequenceAt('a;b.c;', ['.', ';'], 2)).toBe(3);
  expect(stopSequenceAt('a;b.c;', ['x'])).toBe(-1);
  expect(stopSequenceAt('a;', [])).toBe(-1);
  expect(stopSequenceAt(';', [';'])).toBe(0);
});
