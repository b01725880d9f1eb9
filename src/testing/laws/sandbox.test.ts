import { expect, it } from 'vitest';
import { LanguageMissing, type Program } from '../../core/index.ts';
import { trustingSandbox } from './sandbox.ts';

const run = (code: string, more: Partial<Program> = {}) =>
  trustingSandbox().run({ language: 'javascript', code, ...more });

it.each([
  ['return 2 ** 10', { kind: 'value', value: 1024, output: '' }],
  ['const x = 1;', { kind: 'value', value: undefined, output: '' }],
  ['console.log("a", 1); console.log("b"); return { x: [undefined] };', { value: { x: [null] }, output: 'a 1\nb' }],
  ['return x + y.z // behind it, nothing', { value: 7 }],
  ['return this', { value: undefined }],
  ['return 1 +;', { kind: 'error', reason: 'syntax' }],
  ['console.log("so far"); throw new Error("no")', { reason: 'thrown', message: 'no', output: 'so far' }],
  ['throw "no"', { reason: 'thrown', message: 'no' }],
  ['return JSON.parse("{")', { reason: 'thrown' }],
  ['undeclared = 1', { reason: 'thrown', message: 'undeclared is not defined' }],
  ['const a = {}; a.a = a; return a', { reason: 'thrown' }],
  ['return 1n', { reason: 'thrown' }],
])('%s', async (code, expected) => {
  expect(await run(code, { globals: { x: 3, y: { z: 4 } } })).toMatchObject(expected);
});

it('runs JavaScript only, and nothing after an abort', async () => {
  await expect(run('answer = 1', { language: 'python' })).rejects.toThrow(LanguageMissing);
  const reason = new Error('enough');
  const stopped = trustingSandbox().run(
    { language: 'javascript', code: 'return 1' },
    { signal: AbortSignal.abort(reason) },
  );
  await expect(stopped).rejects.toBe(reason);
});
