import { expect, it } from 'vitest';
import { NO_USAGE } from '../accounts/usage.ts';
import { rootScope, scope } from './context.ts';
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

it('a part of a run shows what came of it, where anything did', () => {
  const { context, close } = rootScope({ trace: true });
  scope(context, { name: 'said' }).close('ok', 'an answer');
  scope(context, { name: 'silent' }).close('ok');
  scope(context, { name: 'failed' }).close('error', 'the reason');
  close();
  expect(context.span?.children.map(({ name, status, preview }) => [name, status, preview])).toEqual([
    ['said', 'ok', 'an answer'],
    ['silent', 'ok', undefined],
    ['failed', 'error', 'the reason'],
  ]);
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
