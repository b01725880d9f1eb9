import { describe, expect, it } from 'vitest';
import { tagAt } from './markup.ts';

describe('a tag', () => {
  it.each([
    ['<p>', 'open', 'p', {}, false],
    ['</DIV >', 'close', 'div', {}, false],
    ['<br/>', 'open', 'br', {}, true],
    ['<a href="x>y" title=\'a "b"\'>', 'open', 'a', { href: 'x>y', title: 'a "b"' }, false],
    ['<a href=x/y hidden>', 'open', 'a', { href: 'x/y', hidden: '' }, false],
    ['<a b = "1"  c="" b="2">', 'open', 'a', { b: '1', c: '' }, false],
    ['<a b="&lt;&#65;">', 'open', 'a', { b: '<A' }, false],
    ["<a b='1'c='2'>", 'open', 'a', { b: '1', c: '2' }, false],
  ])('%s', (text, kind, name, attributes, closed) => {
    const found = tagAt(`..${text}..`, 2);
    if (found === undefined || found === 'broken') throw new Error(`${text} is ${found}`);
    const { attributes: given, ...rest } = found;
    expect({ ...rest, attributes: Object.fromEntries(given) }).toEqual({
      kind,
      name,
      attributes,
      closed,
      end: text.length + 2,
    });
  });

  it('is none where none begins, and broken where it has no end', () => {
    for (const text of ['a < b', '< p>', '<1>', 'text']) expect(tagAt(text, text.indexOf('<'))).toBeUndefined();
    for (const text of ['<p', '<p a', '<p a="b', "<p a='b>", '<p a=b'])
      expect([text, tagAt(text, 0)]).toEqual([text, 'broken']);
  });
});
