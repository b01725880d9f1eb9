import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { stopSequenceAt } from '../../../core/index.ts';
import { cutterOf, stopsOf } from './stops.ts';

it('of a request are the texts that are not empty', () => {
  expect(stopsOf({ stop: ['a', '', 'b'] })).toEqual(['a', 'b']);
  expect(stopsOf({ stop: 'a' })).toEqual(['a']);
  expect(stopsOf({})).toEqual([]);
  expect(stopsOf({ stop: ['a'], include_stop_str_in_output: true })).toEqual([]);
});

it('are cut off however the text is cut into pieces, and nothing else is', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
      const cutter = cutterOf(stops);
      const longest = Math.max(1, ...stops.map(({ length }) => length));
      let said = '';
      for (const [i, piece] of pieces.entries()) {
        said += cutter.add(piece);
        const soFar = pieces.slice(0, i + 1).join('').length;
        // What is held back is less than the longest stop sequence.
        expect(cutter.met || soFar - said.length < longest).toBe(true);
      }
      said += cutter.rest();
      const whole = pieces.join('');
      const at = stopSequenceAt(whole, stops);
      expect(said).toBe(at === -1 ? whole : whole.slice(0, at));
      expect(cutter.met).toBe(at !== -1);
    }),
  );
});
