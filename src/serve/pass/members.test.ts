import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changed, membersOf } from './members.ts';

describe('the members of an object', () => {
  it('are found as JSON.parse finds them, however they are written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = ` ${JSON.stringify(value, null, indent)} `;
        const found = membersOf(text).map(({ name, valueStart, valueEnd }) => [
          name,
          JSON.parse(text.slice(valueStart, valueEnd)) as unknown,
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it('are changed, added and taken out, and nothing else is touched', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined })),
        fc.constantFrom(undefined, 2),
        (value, more, indent) => {
          const text = JSON.stringify(value, null, indent);
          const names = [...new Set([...Object.keys(more), ...Object.keys(value).slice(0, 1)])];
          const changes = names.map((name) => {
            const to = Object.hasOwn(more, name) ? more[name] : undefined;
            return { name, value: to === undefined ? undefined : JSON.stringify(to) };
          });
          const kept = Object.entries(JSON.parse(text) as object).filter(([name]) => !names.includes(name));
          const set = changes.flatMap(({ name, value: to }) => (to === undefined ? [] : [[name, JSON.parse(to)]]));
          expect(new Map(Object.entries(JSON.parse(changed(text, changes)) as object))).toEqual(
            new Map([...kept, ...set] as [string, unknown][]),
          );
        },
      ),
    );
  });

  it.each([
    ['{"model":"a","seed":12345678901234567890}', '{"model":"b","seed":12345678901234567890}'],
    ['{ "x" : 1.0 , "mod\\u0065l" : "a" }', '{ "x" : 1.0 , "mod\\u0065l" : "b" }'],
    ['{"model":"a","y":{"model":"a"},"model":"c"}', '{"model":"b","y":{"model":"a"},"model":"b"}'],
    ['{}', '{"model":"b"}'],
    ['{ }', '{"model":"b" }'],
    ['{"a":"}\\"{,"}', '{"a":"}\\"{,","model":"b"}'],
  ])('%s', (text, expected) => {
    expect(changed(text, [{ name: 'model', value: '"b"' }])).toBe(expected);
  });

  it.each([
    ['{"plusx":{"a":1},"b":2}', '{"b":2}'],
    ['{"b":2,"plusx":{"a":[1,2]}}', '{"b":2}'],
    ['{"b":2 , "plusx":1 , "c":3}', '{"b":2 , "c":3}'],
    ['{"plusx":1}', '{}'],
  ])('without one: %s', (text, expected) => {
    expect(changed(text, [{ name: 'plusx', value: undefined }])).toBe(expected);
  });
});
