import { expect, it } from 'vitest';
import { InvalidOption, user } from '../../core/index.ts';
import { checkPlace, namespaceOf, placeOf } from './namespace.ts';

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

it.each(['\ud800', '\udfff', 'mia\ud83d', '\ude00mia', 'a\udc00\ud800b'])(
  'refuses the half of a character in %j',
  (name) => {
    for (const whose of [{ user: name }, { namespace: name }, { part: name }])
      expect(() => namespaceOf(whose)).toThrow('must be well-formed Unicode');
    expect(checkPlace({ namespace: name })?.rule).toBe('must be well-formed Unicode');
    const request = { prompt: [user('q')], providerOptions: { plusx: { user: name } } };
    expect(() => placeOf(request, { namespace: 'default', shared: false })).toThrow(InvalidOption);
    expect(namespaceOf({ user: 'mia😀' })).toBe('mia😀@default');
  },
);
