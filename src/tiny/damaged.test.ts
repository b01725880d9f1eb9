/** A weights file that is damaged: it is refused with its name, or read as other weights; nothing else comes of it. */
import { integer, assert, asyncProperty, array, constantFrom, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { ask, DataError, user } from '../core/index.ts';
import { tiny } from '../models/tiny/index.ts';
import { readWeights } from './index.ts';

const whole = readWeights();
const header = 8 + new DataView(whole.buffer, whole.byteOffset).getUint32(4, true);

const inHeader = tuple(integer({ min: 0, max: header - 1 }), integer({ min: 0, max: 255 }));
const digit = tuple(integer({ min: 8, max: header - 1 }), constantFrom(...Array.from('0123456789-e.]["{}, ')));
const behind = tuple(integer({ min: header, max: whole.length - 1 }), integer({ min: 0, max: 255 }));

it('says so in an error of its own', async () => {
  await assert(
    asyncProperty(
      array(inHeader, { maxLength: 2 }),
      array(digit, { maxLength: 3 }),
      array(behind, { maxLength: 40 }),
      async (bytes, digits, rest) => {
        const damaged = Uint8Array.from(whole);
        for (const [at, byte] of [...bytes, ...rest]) damaged[at] = byte;
        for (const [at, sign] of digits) damaged[at] = sign.charCodeAt(0);
        const ended = await ask(tiny({ weights: damaged }), {
          prompt: [user('How much is 2 and 3?')],
          maxOutputTokens: 2,
        }).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(ended instanceof DataError ? undefined : ended).toBeUndefined();
      },
    ),
    { numRuns: 60 },
  );
});
