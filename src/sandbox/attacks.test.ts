/** Every attack ends in an error to the model or in a harmless value, and the host goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../core/index.ts';
import { openSandbox, type OpenSandbox } from './index.ts';
import { ATTACKS, CANARY } from './test-support/attacks.ts';

const TIMEOUT_MS = 300;
const sandbox = await openSandbox({ timeoutMs: TIMEOUT_MS, workers: 2 });
const generous = await openSandbox({ timeoutMs: 15_000, workers: 1 });
const running = (open: OpenSandbox, language: Language, code: string): ReturnType<OpenSandbox['run']> =>
  open.run({ language, code });

beforeAll(() => {
  if (!sandbox.languages.includes('python')) console.log('Python is not attacked: there is no bubblewrap or python3.');
});
afterAll(() => Promise.all([sandbox.close(), generous.close()]));

describe.each(LANGUAGES)('%s', (language) => {
  const here = ATTACKS.filter((attack) => attack.language === language);
  it.skipIf(!sandbox.languages.includes(language)).each(here)('$name', async ({ code, ends, value }) => {
    // What needs no time limit to fail gets plenty, so that a busy machine does not end it first.
    const open = ends.includes('time') ? sandbox : generous;
    const ended = await running(open, language, code);
    const met = ended.kind === 'error' ? ends.includes(ended.reason) : ends.length === 0;
    expect({ ended, met }).toMatchObject({ met: true, ended: ended.kind === 'error' ? {} : { value } });
    expect(JSON.stringify(ended).length).toBeLessThan(200_000);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(await running(generous, language, CANARY[language])).toMatchObject({ kind: 'value', value: [] });
  });

  it.skipIf(!sandbox.languages.includes(language))('a storm of programs, half of them without end', async () => {
    const loop = language === 'javascript' ? 'for (;;);' : 'while True: pass';
    const sum = language === 'javascript' ? 'return 2 + 2;' : 'answer = 2 + 2';
    const size = language === 'javascript' ? 12 : 4;
    const codes = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? loop : sum));
    const ended = await Promise.all(codes.map((code) => running(code === loop ? sandbox : generous, language, code)));
    expect(ended.map((one) => (one.kind === 'error' ? one.reason : one.value))).toEqual(
      codes.map((code) => (code === loop ? 'time' : 4)),
    );
  });

  it.skipIf(!sandbox.languages.includes(language))('an abort ends a program at once, with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const loop = language === 'javascript' ? 'for (;;);' : 'while True: pass';
    const both = Promise.allSettled(
      [1, 2].map(() => generous.run({ language, code: loop }, { signal: controller.signal })), // the second waits
    );
    setTimeout(() => controller.abort(reason), 50);
    expect(await both).toEqual([1, 2].map(() => ({ status: 'rejected', reason })));
    expect(await running(generous, language, CANARY[language])).toMatchObject({ kind: 'value' });
  });
});
