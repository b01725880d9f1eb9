import { expect, it } from 'vitest';
import { NO_USAGE } from '../accounts/usage.ts';
import { closeSpan, openSpan } from './trace.ts';

it('a span shows 160 signs of what came out, and says where there is more', () => {
  const preview = (length: number): string | undefined => {
    const span = openSpan(undefined, { path: 'a', name: 'x', kind: 'call', start: 0 });
    closeSpan(span, { end: 1, status: 'ok', usage: NO_USAGE, preview: 'x'.repeat(length) });
    return span.preview;
  };
  expect(preview(160)).toBe('x'.repeat(160));
  expect(preview(161)).toBe(`${'x'.repeat(160)}…`);
});

it('a span ends once, and stands among those of its parent', () => {
  const parent = openSpan(undefined, { path: 'a', name: 'x', kind: 'technique', start: 0 });
  const span = openSpan(parent, { path: 'a > b', name: 'y', kind: 'call', start: 1 });
  expect(parent.children).toEqual([span]);
  expect([span.status, span.end]).toEqual(['running', undefined]);
  closeSpan(span, { end: 2, status: 'cancelled', usage: NO_USAGE });
  closeSpan(span, { end: 3, status: 'ok', usage: NO_USAGE });
  expect([span.status, span.end, span.preview]).toEqual(['cancelled', 2, undefined]);
});
