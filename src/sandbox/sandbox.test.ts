import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { LanguageMissing, type Json, type Language } from '../core/index.ts';
import { openSandbox, type OpenSandbox } from './index.ts';
import { seccompFilter } from './seccomp.ts';

const sandbox = await openSandbox({ timeoutMs: 15_000 });
afterAll(() => sandbox.close());
/** PLUSX_PYODIDE is a folder where `npm install deno pyodide` has been run. */
const modules = process.env['PLUSX_PYODIDE'];
const pythons = await Promise.all(
  (['bubblewrap', 'deno'] as const).map((python) => openSandbox({ timeoutMs: 15_000, python, modules })),
);
const names = ['bubblewrap', 'deno'].map((name, i) => [name, pythons[i] as OpenSandbox] as const);
for (const [name, { python }] of names)
  if (python === 'none') console.log(`Python is not run in ${name}: it is not here.`);
afterAll(() => Promise.all(pythons.map((open) => open.close())));
const run = (language: Language, code: string, more: { globals?: { [name: string]: Json }; seed?: number } = {}) =>
  sandbox.run({ language, code, ...more });

describe('a JavaScript program', () => {
  const values: readonly (readonly [code: string, value: unknown])[] = [
    ['let s=14;\nlet a=s+23;\nreturn a;', 37],
    ['return [..."abc"].reverse().join("");', 'cba'],
    ['return { a: [1, null], b: "é" };', { a: [1, null], b: 'é' }],
    ['return 2n ** 40n;', 2 ** 40],
    ['return [2n ** 80n];', ['1208925819614629174706176']],
    ['return 1 / 0;', null],
    ['const x = 1;', undefined],
    ['return () => 1;', undefined],
    ['return await Promise.resolve(3);', 3],
    ['async function f() { return 4; } return f();', 4],
    ['return 5 // the end', 5],
    ['const f = () => Promise.resolve().then(f); f(); return 5;', 5],
    ['with ({ y: 6 }) return y;', 6],
  ];
  it.each(values)('%s', async (code, value) => {
    expect(await run('javascript', code)).toEqual({ kind: 'value', value, output: '' });
  });

  it('says on which line it failed, and how', async () => {
    expect(await run('javascript', 'const a = 1;\nreturn b;')).toEqual({
      kind: 'error',
      reason: 'thrown',
      message: "ReferenceError: 'b' is not defined (line 2)",
      output: '',
    });
    expect(await run('javascript', 'const a = 1;\nconst = 2;')).toMatchObject({
      reason: 'syntax',
      message: expect.stringContaining('line 2'),
    });
    expect(await run('javascript', 'throw "words";')).toMatchObject({ reason: 'thrown', message: 'thrown: words' });
  });

  it('prints, and what it printed is kept when it fails', async () => {
    const printed = await run(
      'javascript',
      'console.log("a", 1, { b: [2n] }, undefined); print("c"); throw new Error("d");',
    );
    expect(printed).toMatchObject({ kind: 'error', output: 'a 1 {"b":[2]} undefined\nc\n' });
  });

  it('sees its globals, and none of the program before it', async () => {
    expect(await run('javascript', 'globalThis.left = n; return n * 2;', { globals: { n: 21 } })).toMatchObject({
      value: 42,
    });
    expect(await run('javascript', 'return typeof left + typeof n;')).toMatchObject({ value: 'undefinedundefined' });
  });

  it('is the same again with the same seed, on any day and in any place', async () => {
    const code =
      'return [Math.random(), Math.random(), Date.now(), String(new Date()), new Date(0).getHours(), Date()];';
    const first = await run('javascript', code);
    expect(await run('javascript', code)).toEqual(first);
    expect(await run('javascript', code, { seed: 1 })).not.toEqual(first);
    expect(first).toMatchObject({
      value: [
        expect.any(Number),
        expect.any(Number),
        946_684_800_000,
        'Sat Jan 01 2000 00:00:00 GMT+0000',
        0,
        'Sat Jan 01 2000 00:00:00 GMT+0000',
      ],
    });
    expect(
      await run('javascript', 'return [new Date(5) instanceof Date, new Date(2020, 0).getFullYear()];'),
    ).toMatchObject({ value: [true, 2020] });
  });

  const fails: readonly (readonly [code: string, reason: string])[] = [
    ['const e = new Error("x"); e.name = "InternalError: out of memory"; throw e;', 'thrown'],
    ['throw new InternalError("out of memory");', 'thrown'],
    ['class InternalError extends Error {} const e = new InternalError("out of memory"); throw e;', 'thrown'],
    ['throw { name: "InternalError", message: "out of memory" };', 'thrown'],
    ['throw "InternalError: out of memory";', 'thrown'],
    ['throw null;', 'thrown'],
    ['return Promise.reject(null);', 'thrown'],
    ['Uint8Array = undefined; throw null;', 'thrown'],
    ['throw new SyntaxError("x");', 'thrown'],
    ['return { toJSON() { throw new SyntaxError("x"); } };', 'unsupported'],
    ['return { toJSON() { throw null; } };', 'unsupported'],
    ['const f = () => f() + 1; try { f(); } catch (e) { throw new e.constructor("out of memory"); }', 'thrown'],
    ['const f = () => f() + 1; f();', 'memory'],
    ['const all = []; for (;;) all.push(new Array(1000).fill(1));', 'memory'],
    ['const all = []; const f = () => { for (;;) all.push(Promise.resolve(1).then(f)); }; return f();', 'memory'],
    ['return { toJSON() { const f = () => f() + 1; return f(); } };', 'memory'],
    ['const again = () => Promise.resolve().then(again); return again();', 'memory'],
  ];
  it.each(fails)('fails for its own reason, whatever it says: %s', async (code, reason) => {
    const ended = await run('javascript', code);
    expect(ended).toMatchObject({ kind: 'error', reason });
    expect(ended.kind === 'error' ? ended.message : '').toMatch(
      reason === 'memory' ? /^InternalError: |interpreter/ : /./,
    );
  });

  it('draws numbers that look random', async () => {
    const code = 'let sum = 0; for (let i = 0; i < 20000; i++) sum += Math.random(); return sum / 20000;';
    const mean = await run('javascript', code, { seed: 7 });
    expect(Math.abs((mean.kind === 'value' ? Number(mean.value) : 0) - 0.5)).toBeLessThan(0.02);
  });
});

describe.each(names)('a Python program in %s', (name, { python, run: program }) => {
  const skip = python !== name;
  const run = (code: string, more: { globals?: { [name: string]: Json }; seed?: number } = {}) =>
    program({ language: 'python', code, ...more });
  const values: readonly (readonly [code: string, value: unknown])[] = [
    ['answer = 14 + 23', 37],
    ['def solution():\n    return sum(range(10))', 45],
    ['from fractions import Fraction\nanswer = [Fraction(1, 3), Fraction(4, 2)]', ['1/3', 2]],
    ['answer = 2 ** 80', '1208925819614629174706176'],
    ['answer = float("inf")', undefined],
    ['x = 1', undefined],
    ['from decimal import Decimal\nanswer = Decimal(1) / 8', '0.125'],
    ['answer = {"a": (1, 2), 3: {2}}', { a: [1, 2], 3: [2] }],
  ];
  it.skipIf(skip).each(values)('%s', async (code, value) => {
    expect(await run(code)).toEqual({ kind: 'value', value, output: '' });
  });

  it.skipIf(skip)('prints, fails with its line, sees its globals and its seed', async () => {
    expect(await run('print("a")\nprint(n)\nb', { globals: { n: [1] } })).toEqual({
      kind: 'error',
      reason: 'thrown',
      message: "NameError: name 'b' is not defined (line 3)",
      output: 'a\n[1]\n',
    });
    expect(await run('answer = (')).toMatchObject({ reason: 'syntax' });
    expect(await run('answer = n', { globals: { n: 'é\n\u{1F600}' } })).toMatchObject({ value: 'é\n\u{1F600}' });
    const order = 'answer = [hash("a"), list({"ab", "cd", "ef", "gh"})]';
    expect(await run(order)).toEqual(await run(order));
    const random = 'import random\nanswer = random.random()';
    expect(await run(random)).toEqual(await run(random));
    expect(await run(random)).not.toEqual(await run(random, { seed: 1 }));
  });
});

describe.each(names)('what is random to a Python program in %s', (name, { python, run }) => {
  const skip = python !== name;
  /** The ways to ask for it that programs know. */
  const forms = [
    'random.random()',
    '(random.seed(), random.random())',
    '(random.seed(None), random.random())',
    'random.Random().random()',
    'random.Random(None).getrandbits(70)',
    'random.SystemRandom().random()',
    'list(random.sample(range(100), 5))',
    'secrets.token_hex(8)',
    'secrets.randbelow(10 ** 6)',
    'secrets.choice(range(1000))',
    'list(os.urandom(40))',
    'str(uuid.uuid4())',
    'uuid.uuid1().node',
    'uuid.uuid1().clock_seq',
    'tempfile.mktemp(dir="/")',
  ];
  it.skipIf(skip)('comes from its seed, and is not the same twice', async () => {
    const code = `import os, random, secrets, tempfile, uuid\nanswer = [[${forms.join(', ')}] for _ in range(2)]`;
    const drawn = async (seed: number): Promise<unknown[][]> => {
      const ended = await run({ language: 'python', code, seed });
      expect(ended).toMatchObject({ kind: 'value' });
      return (ended as unknown as { value: unknown[][] }).value;
    };
    const [[first = [], second = []], again, [other = []]] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(again).toEqual([first, second]);
    // A node is asked for once in each process.
    const isSame = (i: number): boolean =>
      forms[i] !== 'uuid.uuid1().node' && JSON.stringify(first[i]) === JSON.stringify(second[i]);
    expect(forms.filter((_, i) => isSame(i))).toEqual([]);
    expect(forms.filter((_, i) => JSON.stringify(first[i]) === JSON.stringify(other[i]))).toEqual([]);
  });

  it.skipIf(skip)('is refused in a number that makes no sense, and looks random', async () => {
    const code =
      'import os, secrets\ntry: os.urandom(-1)\nexcept ValueError: answer = [os.urandom(0) == b"", sum(os.urandom(20000)) / 20000]';
    const ended = await run({ language: 'python', code });
    const [isEmpty, mean] = (ended as unknown as { value: [boolean, number] }).value;
    expect([isEmpty, Math.abs(mean - 127.5) < 3]).toEqual([true, true]);
  });

  it.skipIf(skip)('and what programs ask the system for ends no interpreter', async () => {
    const code = `import os, sys, multiprocessing, platform, socket, tempfile, threading
ids = [getattr(os, name)() for name in ("getuid", "geteuid", "getgid", "getegid") if hasattr(os, name)]
answer = [min(ids) >= 0, os.getpid() > 0, platform.system() != "", socket.gethostname() != ""]`;
    expect(await run({ language: 'python', code })).toMatchObject({ value: [true, true, true, true] });
    const paths =
      'import sys\nanswer = repr([sys.executable, sys.argv, sys.prefix, sys.path, vars(sys.modules["__main__"]).get("__file__")])';
    const told = await run({ language: 'python', code: paths });
    expect(told).toMatchObject({ kind: 'value' });
    expect(JSON.stringify(told)).not.toContain(process.cwd());
  });
});

it.skipIf(pythons[0]?.python !== 'bubblewrap')(
  'bubblewrap shows the interpreter, its library and the loader, and no other file',
  async () => {
    const code = `import os, sysconfig
library = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "/proc/", "/usr/share/zoneinfo/"})
answer = [os.path.join(place, name) for place, _, names in os.walk("/") for name in names]
answer = sorted(path for path in answer if not path.startswith(library))`;
    const ended = await pythons[0]?.run({ language: 'python', code });
    const seen = (ended as unknown as { value: string[] }).value;
    const isOfPython = (path: string): boolean =>
      /^\/dev\/(?:null|zero)$|^\/etc\/ld\.so\.cache$|\/bin\/python3[\d.]*$|\.so(?:\.\d+)*$|\.so\.[\d.]+$/.test(path);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.filter((path) => !isOfPython(path))).toEqual([]);
  },
);

describe('a sandbox', () => {
  it('says what is missing where there is no Python', async () => {
    const plain = await openSandbox({ python: 'none' });
    expect(plain.languages).toEqual(['javascript']);
    for (const way of ['apt-get install bubblewrap python3', 'npm install deno pyodide'])
      await expect(plain.run({ language: 'python', code: 'answer = 1' })).rejects.toThrow(way);
    await expect(plain.run({ language: 'python', code: '' })).rejects.toBeInstanceOf(LanguageMissing);
    await plain.close();
  });

  it('takes bubblewrap before Deno, and nothing that was not asked for', async () => {
    const [bubblewrap, deno] = pythons.map(({ python }) => python);
    const auto = await openSandbox({ modules, timeoutMs: 15_000 });
    expect(auto.python).toBe(bubblewrap === 'none' ? deno : bubblewrap);
    await auto.close();
  });

  it('checks its limits', async () => {
    await expect(openSandbox({ timeoutMs: 0 })).rejects.toThrow('openSandbox: timeoutMs must be an integer from 1 to');
    await expect(openSandbox({ memoryMb: 1.5 })).rejects.toThrow('openSandbox: memoryMb');
    await expect(openSandbox({ workers: 0 })).rejects.toThrow('openSandbox: workers');
    const python = 'perl' as unknown as 'auto';
    await expect(openSandbox({ python })).rejects.toThrow('openSandbox: python must be one of auto, bubblewrap');
  });

  it('once closed runs nothing, and what waited hears of it', async () => {
    const closing = await openSandbox({ workers: 1, python: 'none' });
    const all = Promise.allSettled([1, 2].map(() => closing.run({ language: 'javascript', code: 'for (;;);' })));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await closing.close();
    const closed = { status: 'rejected', reason: new Error('The sandbox is closed.') };
    expect(await all).toEqual([closed, closed]);
    await expect(closing.run({ language: 'javascript', code: 'return 1;' })).rejects.toThrow('closed');
  });

  const kept = [['javascript', sandbox] as const, ...pythons.map((open) => ['python', open] as const)];
  it.each(kept)('does not keep its process alive, and works outside the test runner: %s', async (language, open) => {
    if (!open.languages.includes(language)) return;
    const source = new URL('./index.ts', import.meta.url).href;
    const options = { timeoutMs: 15_000, python: language === 'python' ? open.python : 'none', modules };
    const code = language === 'python' ? 'answer = 6 * 7' : 'return 6 * 7;';
    const script = `const { openSandbox } = await import(${JSON.stringify(source)});
      const { run } = await openSandbox(${JSON.stringify(options)});
      console.log(JSON.stringify(await run(${JSON.stringify({ language, code })})));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 50_000,
    });
    expect(JSON.parse(stdout)).toEqual({ kind: 'value', value: 42, output: '' });
  });

  it('has a filter of system calls for the machines it knows, and for no other', () => {
    expect(seccompFilter('mips')).toBeUndefined();
    for (const arch of ['x64', 'arm64']) {
      const bytes = seccompFilter(arch) as Uint8Array;
      const view = new DataView(bytes.buffer);
      const steps = bytes.length / 8;
      // Every jump of the filter ends at the step after a wrong machine is refused, or at the last one, which refuses.
      const targets = Array.from({ length: steps }, (_, i) =>
        [0x15, 0x35].includes(view.getUint16(i * 8, true)) ? i + 1 + view.getUint8(i * 8 + 2) : undefined,
      ).filter((target) => target !== undefined);
      expect(targets[0]).toBe(3);
      expect(new Set(targets.slice(1))).toEqual(new Set([steps - 1]));
      expect(view.getUint32((steps - 1) * 8 + 4, true)).toBe(0x00050001);
    }
  });
});
