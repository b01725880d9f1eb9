/** The walls around Pyodide, from inside; and which Deno is taken for one that has them. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { finish, startChild } from './child.ts';
import { findDeno, walled } from './deno.ts';
import { openSandbox } from './index.ts';

const places = await findDeno(process.env['PLUSX_PYODIDE']);
if (!places) console.log('The walls of Deno are not tried: PLUSX_PYODIDE names no folder with deno and pyodide.');
const folder = await mkdtemp(join(tmpdir(), 'plusx-deno-'));
afterAll(() => rm(folder, { recursive: true }));

/** What must fail in a script that has all of JavaScript and Deno to try with. */
const ATTEMPTS: { readonly [name: string]: string } = {
  'reads a file': `Deno.readTextFileSync('/etc/passwd')`,
  'looks whether a file is there': `Deno.statSync('/etc/passwd')`,
  'reads a file as Node does': `process.getBuiltinModule('node:fs').readFileSync('/etc/passwd')`,
  'reads its own source': `Deno.readTextFileSync(Deno.mainModule.slice(7))`,
  'reads a secret beside it': `Deno.readTextFileSync(SECRET)`,
  'imports a secret': `await import(SECRET, { with: { type: 'json' } })`,
  'imports a secret as text': `await import(SECRET, { with: { type: 'text' } })`,
  'imports a secret through a module made of text': `await import(module('import x from "file://' + SECRET + '" with { type: "json" }; export default x'))`,
  'imports a secret out of node_modules': `await import(SECRET.replace('secret.json', 'node_modules/x/secret.json'), { with: { type: 'json' } })`,
  'requires a secret': `process.getBuiltinModule('node:module').createRequire('file://' + SECRET)(SECRET)`,
  'imports a secret in a worker': `await worker('import x from "file://' + SECRET + '" with { type: "json" }; postMessage(x)')`,
  'reads a secret in a worker': `await worker('postMessage(Deno.readTextFileSync("' + SECRET + '"))')`,
  'asks for a right': `if ((await Deno.permissions.request({ name: 'read' })).state !== 'granted') throw new Error('denied')`,
  'writes a file': `Deno.writeTextFileSync(SECRET + '.written', 'x')`,
  'makes a temporary file': `Deno.makeTempFileSync()`,
  'keeps something in a cache': `await caches.open('x')`,
  'keeps something in storage': `localStorage.x = 'y'`,
  'keeps something in a database': `new (process.getBuiltinModule('node:sqlite').DatabaseSync)(SECRET + '.db')`,
  'fetches a page': `await fetch('http://127.0.0.1:80')`,
  'fetches a file': `await fetch('file:///etc/passwd')`,
  connects: `await Deno.connect({ port: 80 })`,
  listens: `Deno.listen({ port: 0 })`,
  'looks up a name': `await Deno.resolveDns('localhost', 'A')`,
  'imports a module of the network': `await import(['https://deno.land', 'std/version.ts'].join('/'))`,
  'imports a package': `await import(['npm', 'left-pad'].join(':'))`,
  'reads the environment': `Deno.env.toObject()`,
  'reads a variable': `if (process.env.DENO_DIR === undefined) throw new Error('nothing')`,
  'starts a program': `await new Deno.Command('/bin/true').output()`,
  'starts a program as Node does': `process.getBuiltinModule('node:child_process').execFileSync('/bin/true')`,
  'sends a signal': `Deno.kill(Deno.ppid, 'SIGUSR1')`,
  'opens a library': `Deno.dlopen('libc.so.6', { getpid: { parameters: [], result: 'i32' } })`,
  'asks for the name of the host': `Deno.hostname()`,
  'makes code of text': `new Function('return 1')()`,
  'makes a memory of a gigabyte': `new WebAssembly.Memory({ initial: 16_384 })`,
};

describe.skipIf(!places)('a script inside the walls', () => {
  it('can do none of what a sandbox is there to prevent', async () => {
    await mkdir(join(folder, 'node_modules/x'), { recursive: true });
    for (const secret of ['secret.json', 'node_modules/x/secret.json'])
      await writeFile(join(folder, secret), '{"secret": true}');
    const script = join(folder, 'script.mjs');
    const attempts = Object.entries(ATTEMPTS).map(
      ([name, code]) =>
        `try { ${code}; done.push(${JSON.stringify(name)}); } catch (error) { refused[${JSON.stringify(name)}] = String(error); }`,
    );
    await writeFile(
      script,
      `const SECRET = ${JSON.stringify(join(folder, 'secret.json'))};
      const module = (code) => 'data:text/javascript,' + encodeURIComponent(code);
      const worker = (code) => new Promise((resolve, reject) => {
        const worker = new Worker(module(code), { type: 'module' });
        worker.onmessage = resolve;
        worker.onerror = (event) => { event.preventDefault(); reject(new Error(event.message)); };
      });
      const done = [], refused = {};
      ${attempts.join('\n')}
      console.log(JSON.stringify({ done, refused }));
      Deno.exit(0);`,
    );
    const start = walled(places as NonNullable<typeof places>, [], 1200, 60, [script]);
    const child = startChild({ ...start, mostBytes: 1 << 20 });
    const { bytes, complaint } = await finish(child, 30_000, undefined);
    const text = new TextDecoder().decode(bytes);
    expect({ text, complaint }).toMatchObject({ text: expect.stringContaining('"done"') as string });
    const { done, refused } = JSON.parse(text) as { done: string[]; refused: { [name: string]: string } };
    expect(done).toEqual([]);
    expect(Object.keys(refused)).toEqual(Object.keys(ATTEMPTS));
    // Not a mistake in the attempt: with these there is nothing else that could refuse.
    for (const name of ['reads a file', 'imports a secret', 'imports a secret through a module made of text'])
      expect(refused[name]).toMatch(/Requires read access/);
    expect((await readdir(folder)).toSorted()).toEqual(['node_modules', 'script.mjs', 'secret.json']);
  });
});

describe.skipIf(platform !== 'linux' && platform !== 'darwin')('Deno', () => {
  const installed = async (name: string, version: string): Promise<string> => {
    const modules = join(folder, name);
    const own = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
    for (const each of ['pyodide', 'deno', own]) {
      await mkdir(join(modules, 'node_modules', each), { recursive: true });
      await writeFile(join(modules, 'node_modules', each, 'package.json'), '{}');
    }
    const executable = join(modules, 'node_modules', own, 'deno');
    await writeFile(executable, `#!/bin/sh\necho "deno ${version} (stable)"\n`);
    await chmod(executable, 0o755);
    return modules;
  };

  it('is found where npm puts it', async () => {
    const modules = await installed('recent', '2.10.0');
    expect((await findDeno(modules))?.deno).toContain(join('recent', 'node_modules', '@deno'));
  });

  it('is not taken where it is too old, nor for Python where it does not run it', async () => {
    const old = await findDeno(await installed('old', '2.8.9'));
    expect(old?.deno ?? '').not.toContain(folder); // there may be one on the path
    const { python, close } = await openSandbox({ python: 'deno', modules: await installed('broken', '3.0.0') });
    expect(python).toBe('none');
    await close();
  });

  it('is not taken without Pyodide, or with a comma in the path, which Deno would read as two', async () => {
    expect(await findDeno(folder)).toBeUndefined();
    expect(await findDeno(await installed('a,b', '2.10.0'))).toBeUndefined();
  });
});
