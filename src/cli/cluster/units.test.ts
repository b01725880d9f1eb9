import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerEvent } from '../../cluster/index.ts';
import { decodeJson } from '../../core/index.ts';
import { telling } from './telling.ts';
import { readUnit, UNITS_VERSION, writeUnit } from './units.ts';

const plain = fc.record(
  {
    line: fc.nat(9),
    item: fc.string(),
    parts: fc.array(fc.nat(9), { maxLength: 3 }),
    chapter: fc.string({ minLength: 1 }),
  },
  { requiredKeys: ['line', 'item', 'parts'] },
);
const share = fc.record({ done: fc.array(fc.string(), { maxLength: 3 }) });

describe('a unit', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        plain,
        fc.option(share, { nil: undefined }),
        fc.constantFrom(3 as const, undefined),
        (unit, share, version) => {
          expect(readUnit(writeUnit({ ...unit, share, version }))).toEqual({
            chapter: undefined,
            ...unit,
            share,
            version,
          });
        },
      ),
    );
  });

  it('that workers of before can do is written as they know it', () => {
    expect(writeUnit({ line: 0, item: 'q1', parts: [0, 2] })).toBe('["q1",0,[0,2]]');
    expect(writeUnit({ line: 1, item: 'q1', parts: [0], chapter: 'c' })).toBe('["q1",1,[0],"c"]');
    expect(writeUnit({ line: 0, item: 'q1', parts: [0], share: { done: [] } })).toBe(
      '{"version":2,"unit":["q1",0,[0],null,{"done":[]}]}',
    );
  });

  it('that they cannot do is none that they can read: a share of an item would be done as the whole of it', () => {
    fc.assert(
      fc.property(plain, share, (unit, share) => {
        const read: unknown = decodeJson(writeUnit({ ...unit, share }));
        expect(() => {
          const [item] = read as readonly string[];
          return item;
        }).toThrow(/not iterable/);
      }),
    );
  });

  it('whose chapter they cannot read says so', () => {
    expect(writeUnit({ line: 0, item: 'q1', parts: [0], chapter: 'c', version: 3 })).toBe(
      '{"version":3,"unit":["q1",0,[0],"c",null]}',
    );
  });

  it('of a newer version is refused in a line that says what to do', () => {
    const newer = JSON.stringify({ version: UNITS_VERSION + 1, unit: ['q1', 0, [0], null, {}, 'more'] });
    expect(() => readUnit(newer)).toThrow(/^A newer plusx hands out units of version 4, .* up to 3: update it\.$/);
  });
});

it('a worker says once why it leaves a run, until that changes or it is another run of that name', () => {
  const said: string[] = [];
  const tell = telling((line) => void said.push(line));
  const declined = (why: string): WorkerEvent => ({ kind: 'declined', run: 'r', why });
  for (const event of [
    declined('a'),
    declined('a'),
    declined('b'),
    declined('b'),
    { kind: 'over', run: 'r' } as const,
    declined('b'),
    { kind: 'lost', run: 'r', unit: '["q1",0,[0]]' } as const,
    { kind: 'lost', run: 'r', unit: '{"version":99}' } as const,
  ])
    tell(event);
  expect(said).toEqual([
    'Leaves run r to others: a',
    'Leaves run r to others: b',
    'Run r is over here.',
    'Leaves run r to others: b',
    'Sets item q1 of run r aside: it ended its workers.',
    'Sets a unit of a newer plusx of run r aside: it ended its workers.',
  ]);
});
