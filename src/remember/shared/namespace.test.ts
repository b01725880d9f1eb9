import { expect, it } from 'vitest';
import { namespaceOf } from './namespace.ts';

it('names a place for every user that is no other user’s', () => {
  const places = [
    {},
    { user: 'default' },
    { user: 'a@default' },
    { user: 'a', namespace: 'b' },
    { user: 'a@b' },
    { user: 'a#cheatsheet' },
    { user: 'a', part: 'cheatsheet' },
    { part: 'cheatsheet' },
  ].map(namespaceOf);
  expect(new Set(places).size).toBe(places.length);
  expect(() => namespaceOf({ namespace: 'a@b' })).toThrow('without @ and #');
  expect(() => namespaceOf({ user: '' })).toThrow('must not be empty');
});
