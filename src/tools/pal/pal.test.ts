import { afterAll, describe, expect, it } from 'vitest';
import { ask, HostMissing, LanguageMissing, memoryJournal, plus, type Host } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { openSandbox } from '../../sandbox/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './pal.law.ts';
import { pal } from './pal.ts';

testLaw(law);

const sandbox = await openSandbox({ timeoutMs: 15_000 });
afterAll(() => sandbox.close());
const host: Host = { sandbox };
const answerOf = async (reply: string, options: Parameters<typeof pal>[0] = {}) =>
  (
    await ask(
      plus(
        scripted(() => reply),
        pal(options),
      ),
      'q',
      { host },
    )
  ).sample;

describe('pal', () => {
  const replies: readonly (readonly [reply: string, answer: string | null])[] = [
    ['let s=14;\nlet a=s+23;\nreturn a;', '37'],
    ['Here it is:\n```js\nreturn 316 * 7 + 718;\n```\nDone.', '2930'],
    ['```\nreturn 1;\n```\nBetter:\n```javascript\nreturn 2;\n```', '2'],
    ['return 0.1 + 0.2;', '0.3'],
    ['return 123456789012345678901234567890n * 2n;', '246913578024691357802469135780'],
    ['return " seven ";', 'seven'],
    ['return true;', 'true'],
    ['return { b: 1, a: [2] };', '{"a":[2],"b":1}'],
    ['return "";', null],
    ['return null;', null],
    ['const x = 1;', null],
    ['The answer is 7.', null],
    ['```js\nreturn nothing;\n```', null],
  ];
  it.each(replies)('%j: %s', async (reply, answer) => {
    const sample = await answerOf(reply);
    expect(sample.answer).toBe(answer);
    expect(sample.content).toEqual([{ type: 'text', text: answer ?? reply }]);
  });

  it('puts an error back with what was written, as often as it may, and keeps the program', async () => {
    const model = scripted(['return missing;', '```js\nreturn 1;\n```']);
    const { sample, usage } = await ask(plus(model, pal({ repairs: 3 })), 'q', { host });
    expect([sample.answer, usage.calls]).toEqual(['1', 2]);
    expect(sample.providerMetadata?.['plusx']).toEqual({ program: 'return 1;', repairs: 1 });
    const [, again] = model.calls;
    expect(JSON.stringify(again?.request.prompt)).toContain("ReferenceError: 'missing' is not defined (line 1)");
    expect(again?.request.prompt.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it('without a program that runs abstains, says so, and a vote leaves it out', async () => {
    const { sample, warnings } = await ask(
      plus(
        scripted(() => 'No.'),
        pal(),
      ),
      'q',
      { host },
    );
    expect([sample.answer, warnings.map(({ code }) => code)]).toEqual([null, ['no-program-ran']]);
    const mixed = scripted((_request, { index, path }) => (/draw\/1\b/.test(path) ? 'return 5;' : `No. ${index}`));
    expect((await ask(plus(mixed, pal(), selfConsistency({ n: 3 })), 'q', { host })).sample.answer).toBe('5');
  });

  it('runs a program once, also in a run that goes on', async () => {
    let runs = 0;
    const counted: Host = { sandbox: { ...sandbox, run: (...given) => (runs++, sandbox.run(...given)) } };
    const journal = memoryJournal();
    for (let i = 0; i < 2; i++) await ask(plus(scripted(['return 4;']), pal()), 'q', { host: counted, journal });
    expect([runs, journal.size]).toEqual([1, 1]);
  });

  it('needs a sandbox, and one that knows the language, before it pays for a call', async () => {
    const model = scripted(() => 'return 1;');
    await expect(ask(plus(model, pal()), 'q')).rejects.toBeInstanceOf(HostMissing);
    const plain: Host = { sandbox: { ...sandbox, languages: ['javascript'] } };
    const asked = ask(plus(model, pal({ language: 'python' })), 'q', { host: plain });
    await expect(asked).rejects.toBeInstanceOf(LanguageMissing);
    await expect(asked).rejects.toThrow('apt-get install bubblewrap');
    expect(model.calls).toEqual([]);
  });

  it('stops a program that does not stop when the caller has had enough', async () => {
    const controller = new AbortController();
    const running = ask(
      plus(
        scripted(() => 'for (;;);'),
        pal(),
      ),
      'q',
      { host, signal: controller.signal },
    );
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(running).rejects.toThrow('enough');
  });

  it.skipIf(!sandbox.languages.includes('python'))('in Python', async () => {
    expect(
      (await answerOf('```python\ndef solution():\n    return 2 ** 100\n```', { language: 'python' })).answer,
    ).toBe('1267650600228229401496703205376');
  });
});
