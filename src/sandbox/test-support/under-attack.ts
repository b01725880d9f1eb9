/** Every attack ends in an error to the model or in a harmless value, and the host goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSandbox } from '../index.ts';
import { attacksOn, CANARY, languageOf, type Ground } from './attacks.ts';

const TIMEOUT_MS = 300;
const open = async (ground: Ground, modules: string | undefined) => {
  const python = ground === 'javascript' ? 'none' : ground;
  const sandbox = await openSandbox({ timeoutMs: TIMEOUT_MS, workers: 2, python, modules });
  const generous = await openSandbox({ timeoutMs: 15_000, workers: 1, python, modules });
  return { ground, sandbox, generous, missing: !sandbox.languages.includes(languageOf(ground)) };
};

/** `modules` is a folder where `npm install deno pyodide` has been run. */
export async function holdsOutIn(which: Ground, modules?: string): Promise<void> {
  const { ground, sandbox, generous, missing } = await open(which, modules);

  beforeAll(() => {
    if (missing) console.log(`Nothing is attacked in ${ground}: it is not here.`);
  });
  afterAll(() => Promise.all([sandbox.close(), generous.close()]));

  describe(`a sandbox in ${ground}`, () => {
    const language = languageOf(ground);
    const loop = language === 'javascript' ? 'for (;;);' : 'while True: pass';
    const sum = language === 'javascript' ? 'return 2 + 2;' : 'answer = 2 + 2';

    it.skipIf(missing).each(attacksOn(ground))('$name', async ({ code, ends, value }) => {
      // What needs no time limit to fail gets plenty, so that a busy machine does not end it first.
      const open = ends.includes('time') ? sandbox : generous;
      const ended = await open.run({ language, code });
      const met = ended.kind === 'error' ? ends.includes(ended.reason) : ends.length === 0;
      expect({ ended, met }).toMatchObject({ met: true, ended: ended.kind === 'error' ? {} : { value } });
      expect(JSON.stringify(ended).length).toBeLessThan(200_000);
      expect(Object.keys(Object.prototype)).toEqual([]);
      // To start Python in Deno takes long, and the next attack starts it as well.
      const after = ground === 'deno' ? undefined : await generous.run({ language, code: CANARY[language] });
      expect(after ?? { kind: 'value', value: [] }).toMatchObject({ kind: 'value', value: [] });
    });

    it.skipIf(missing)('a storm of programs, half of them without end', async () => {
      const codes = Array.from({ length: language === 'javascript' ? 12 : 4 }, (_, i) => (i % 2 === 0 ? loop : sum));
      const ended = await Promise.all(
        codes.map((code) => (code === loop ? sandbox : generous).run({ language, code })),
      );
      expect(ended.map((one) => (one.kind === 'error' ? one.reason : one.value))).toEqual(
        codes.map((code) => (code === loop ? 'time' : 4)),
      );
    });

    it.skipIf(missing)('an abort ends a program at once, with the reason', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const both = Promise.allSettled(
        [1, 2].map(() => generous.run({ language, code: loop }, { signal: controller.signal })), // the second waits
      );
      setTimeout(() => controller.abort(reason), 50);
      expect(await both).toEqual([1, 2].map(() => ({ status: 'rejected', reason })));
      expect(await generous.run({ language, code: CANARY[language] })).toMatchObject({ kind: 'value', value: [] });
    });
  });
}
