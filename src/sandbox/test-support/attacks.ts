/** Programs that try to get out, to stay, or to take more than their share, and what must become of each. */
import type { ExecutionFailure, Language } from '../../core/index.ts';

export interface Attack {
  readonly name: string;
  readonly language: Language;
  readonly code: string;
  /** The errors it may end in; with none it ends with a value, which must be `value`. */
  readonly ends: readonly ExecutionFailure[];
  readonly value?: unknown;
  /** What becomes of it in Deno, where that is something else: its files are in memory, and its processes are none. */
  readonly inDeno?: Pick<Attack, 'ends' | 'value'>;
  /** Whether it is one on Deno and Pyodide only. */
  readonly onDeno?: true;
}

/** What programs run in, and what is attacked there. */
export const GROUNDS = ['javascript', 'bubblewrap', 'deno'] as const;
export type Ground = (typeof GROUNDS)[number];

export const languageOf = (ground: Ground): Language => (ground === 'javascript' ? ground : 'python');

export function attacksOn(ground: Ground): readonly Attack[] {
  return ATTACKS.filter(
    ({ language, onDeno }) => language === languageOf(ground) && (ground === 'deno' || !onDeno),
  ).map((attack) => (ground === 'deno' ? { ...attack, ...attack.inDeno } : attack));
}

const js = (name: string, ends: readonly ExecutionFailure[], code: string, value?: unknown): Attack => ({
  name,
  language: 'javascript',
  code,
  ends,
  value,
});
const py = (name: string, ends: readonly ExecutionFailure[], code: string, value?: unknown): Attack => ({
  ...js(name, ends, code, value),
  language: 'python',
});
const onDeno = (name: string, ends: readonly ExecutionFailure[], code: string, value?: unknown): Attack => ({
  ...py(name, ends, code, value),
  onDeno: true,
});

/** Names of the JavaScript around Pyodide. */
const SCOPE = [
  'Deno',
  'process',
  'fetch',
  'Worker',
  'eval',
  'Function',
  'ArrayBuffer',
  'globalThis',
  'setTimeout',
  'WebAssembly',
];

const ATTACKS: readonly Attack[] = [
  js('infinite loop', ['time'], 'for (;;);'),
  js('infinite loop that catches', ['time'], 'for (;;) { try { for (;;); } catch {} finally { continue; } }'),
  js(
    'microtasks without end',
    ['time', 'memory'],
    'const again = () => Promise.resolve().then(again); return again();',
  ),
  js('catastrophic regular expression', ['time'], 'return /^(a+)+$/.test("a".repeat(40) + "b");'),
  js('sort with a comparison that never ends', ['time', 'memory'], 'return [3, 1, 2].sort(() => { for (;;); });'),
  js('native work without end', ['time', 'memory', 'thrown'], 'return new Array(4294967295).join("x").length;'),
  js('array bomb', ['memory'], 'const all = []; for (;;) all.push(new Array(1000).fill(all.length));'),
  js(
    'array bomb that catches',
    ['memory', 'time'],
    'const all = []; for (;;) { try { all.push(new Array(1e4).fill(1)); } catch {} }',
  ),
  js('string doubling', ['memory'], 'let s = "x"; for (;;) s += s;'),
  js('typed arrays', ['memory'], 'const all = []; for (;;) all.push(new Float64Array(1e5));'),
  js('one huge buffer', ['memory', 'thrown'], 'return new ArrayBuffer(2 ** 31).byteLength;'),
  js('big numbers', ['time', 'memory', 'thrown'], 'let n = 3n; for (;;) n *= n;'),
  js('deep recursion', ['memory'], 'const f = () => f() + 1; return f();'),
  js('deep recursion through JSON', ['memory', 'thrown'], 'return JSON.parse("[".repeat(1e6)).length;'),
  js('prototype pollution', [], 'Object.prototype.polluted = true; return {}.polluted;', true),
  js('pollution through the value', ['unsupported'], 'return JSON.parse(\'{"__proto__": {"polluted": true}}\');'),
  js('the constructor of constructors', ['thrown'], 'return constructor.constructor("return process")().env;'),
  js('the constructor of console', ['thrown'], 'return console.log.constructor("return process")().exit(7);'),
  js('what there is of the host', [], HOST_NAMES(), []),
  js('dynamic import', ['thrown'], 'return import("node:fs");'),
  js('static import', ['syntax'], 'import fs from "node:fs"; return fs;'),
  js('require', ['thrown'], 'return require("node:child_process").execSync("id").toString();'),
  js('process exit', ['thrown'], 'process.exit(7);'),
  js('closing the function early', ['syntax', 'thrown'], '}); globalThis.out = 1; (function () { throw out;'),
  js('huge output', ['output'], 'for (;;) console.log("x".repeat(1000));'),
  js(
    'huge output that catches',
    ['output', 'time'],
    'for (let i = 0; i < 1e4; i++) try { console.log("x".repeat(1000)); } catch {}',
  ),
  js('huge value', ['output'], 'return "x".repeat(1e6);'),
  js('JSON bomb: nesting', ['unsupported', 'memory'], 'let a = []; for (let i = 0; i < 1e4; i++) a = [a]; return a;'),
  js(
    'JSON bomb: width',
    ['output', 'memory', 'time'],
    'let a = ["x"]; for (let i = 0; i < 40; i++) a = [a, a]; return a;',
  ),
  js('JSON bomb: a circle', ['unsupported'], 'const a = []; a.push(a); return a;'),
  js('a getter in the value', ['time'], 'return { get x() { for (;;); } };'),
  js('toJSON in the value', ['time'], 'return { toJSON() { for (;;); } };'),
  js('toString in what is thrown', ['time'], 'throw { message: "x", get name() { for (;;); } };'),
  js('a proxy as the value', ['time', 'unsupported'], 'return new Proxy({}, { ownKeys() { for (;;); } });'),
  js('a proxy that is thrown', ['time', 'thrown'], 'throw new Proxy({}, { has() { throw 1; }, get() { throw 2; } });'),
  js('a thenable as the value', [], 'return { then: 5 };', { then: 5 }),
  js('a promise never kept', ['thrown'], 'return new Promise(() => {});'),
  js('JSON taken apart', [], 'JSON.stringify = () => { for (;;); }; String = Object = null; return 4;', 4),
  js(
    'the length of a text forged',
    ['output'],
    'Object.defineProperty(String.prototype, "length", { get: () => 1 }); return "x".repeat(1e6);',
  ),
  py('infinite loop', ['time'], 'while True: pass'),
  py('infinite loop that catches', ['time'], 'while True:\n  try:\n    while True: pass\n  except BaseException: pass'),
  py('catastrophic regular expression', ['time'], 'import re\nre.match(r"^(a+)+$", "a" * 40 + "b")'),
  py('list bomb', ['memory'], 'all = []\nwhile True: all.append([0] * 100000)'),
  py('string doubling', ['memory'], 's = "x"\nwhile True: s += s'),
  py('deep recursion', ['memory'], 'def f(): return f() + 1\nf()'),
  py(
    'deep recursion without the limit',
    ['memory', 'time'],
    'import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f() + 1\nf()',
  ),
  py('fork bomb', ['thrown'], 'import os\nwhile True: os.fork()'),
  py('fork bomb that catches', ['time'], 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass'),
  py(
    'thread bomb',
    ['thrown'],
    'import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,)).start()',
  ),
  py('a program started', ['thrown'], 'import subprocess\nsubprocess.run(["/bin/sh", "-c", "id"])'),
  py('another program in its place', ['memory', 'thrown'], 'import os\nos.execv("/usr/bin/id", ["id"])'),
  py('the network', ['thrown'], 'import urllib.request\nurllib.request.urlopen("http://127.0.0.1:9").read()'),
  py('the files of the host', ['thrown'], 'answer = open("/etc/passwd").read()'),
  py('writing to the interpreter', ['thrown'], 'open("/usr/lib/plusx", "w").write("x")'),
  {
    ...py('filling the disk', ['thrown'], 'with open("/tmp/x", "wb") as f:\n  while True: f.write(b"x" * 100000)'),
    inDeno: { ends: ['memory', 'time'] },
  },
  {
    ...py(
      'memory that is shared',
      [],
      'import ctypes\nanswer = ctypes.CDLL(None).shmget(0, ctypes.c_size_t(1 << 30), 0o1600)',
      -1,
    ),
    inDeno: { ends: ['thrown'] },
  },
  { ...py('filling memory through files', [], FILES(), true), inDeno: { ends: [], value: false } },
  py(
    'the environment',
    [],
    'import os\nanswer = sorted(k for k in os.environ if k not in ("LC_CTYPE", "PWD", "PYTHONHASHSEED", "PYTHONHOME", "TZ"))',
    [],
  ),
  py('signals to the others', ['thrown'], 'import os\nos.kill(-1, 9)'),
  py('leaving in silence', ['thrown'], 'import os\nos._exit(3)'),
  py('a loud exit', ['thrown'], 'raise SystemExit(3)'),
  py('huge output', ['output'], 'while True: print("x" * 1000)'),
  py('huge value', ['output'], 'answer = "x" * 1000000'),
  py('JSON bomb: nesting', ['unsupported', 'memory'], 'answer = []\nfor _ in range(10000): answer = [answer]'),
  py(
    'a value that lies',
    ['memory', 'time', 'thrown', 'unsupported'],
    'class X(dict):\n  def items(self):\n    while True: yield (1, 2)\nanswer = X()',
  ),
  py('a reply of its own making', ['unsupported'], replying('\'{"value": "[1", "output": "x"}\'')),
  py(
    'a reply with what is no output',
    ['output', 'unsupported'],
    replying('\'{"value": "[[1]", "output": {"x": 1}}\''),
  ),
  py('a reply without end', ['output'], replying('"x" * 10000000')),
  py('a reply that is none', ['thrown'], replying('"[1, 2"')),
  onDeno(
    'what there is of JavaScript',
    [],
    `import js\nanswer = [n for n in dir(js) if n in ${JSON.stringify(SCOPE)}]`,
    [],
  ),
  onDeno('Deno by its name', ['thrown'], 'import js\nanswer = js.Deno.readTextFileSync("/etc/passwd")'),
  onDeno('the network by fetch', ['thrown'], 'import js\nanswer = js.fetch("http://127.0.0.1:9")'),
  onDeno(
    'the network by pyodide.http',
    ['thrown'],
    'from pyodide.http import open_url\nopen_url("http://127.0.0.1:9")',
  ),
  onDeno('a storm of workers', ['thrown'], 'import js\nwhile True: js.Worker.new("data:text/javascript,for(;;);")'),
  onDeno('JavaScript by eval', ['thrown'], 'import js\njs.eval("Deno.exit(7)")'),
  onDeno('JavaScript by run_js', ['thrown'], 'from pyodide.code import run_js\nanswer = run_js("1 + 1")'),
  onDeno(
    'the constructor of constructors',
    ['thrown'],
    'import pyodide_js\nanswer = pyodide_js._module.FS.constructor.constructor("return Deno.readTextFileSync(\'/etc/passwd\')")()',
  ),
  onDeno('a package from elsewhere', ['thrown'], 'import micropip'),
  onDeno(
    'a folder of the host mounted',
    ['thrown'],
    'import os, pyodide_js\npyodide_js.mountNodeFS("/host", "/etc")\nanswer = os.listdir("/host")',
  ),
  onDeno(
    'a file of the host mounted by hand',
    ['thrown'],
    'import os, pyodide_js\nfs = pyodide_js.FS\nos.mkdir("/host")\nfs.mount(fs.filesystems.NODEFS, {"root": "/etc"}, "/host")\nanswer = open("/host/passwd").read()',
  ),
  onDeno(
    'memory through buffers of JavaScript',
    ['memory'],
    'import pyodide_js\nmake = pyodide_js._module.HEAPU8.constructor\nall = []\nwhile True:\n  all.append(make.new(1 << 24))\n  all[-1].fill(1)',
  ),
  onDeno(
    'memory through values of JavaScript',
    ['memory', 'time'],
    'from pyodide.ffi import to_js\nall = []\nwhile True: all.append(to_js(["x" * 1000] * 1000))',
  ),
  onDeno('memory read where there is none', ['memory'], 'import ctypes\nanswer = ctypes.string_at(0x7fffffff)'),
  onDeno(
    'memory written everywhere',
    ['memory', 'thrown', 'time', 'output'],
    'import ctypes\nctypes.memset(0, 255, 1 << 24)',
  ),
  onDeno('an interpreter that aborts', ['memory'], 'import os\nos.abort()'),
  onDeno(
    'a reply through patched JavaScript',
    ['time', 'memory'],
    'import pyodide_js\ndef forever(*a):\n  while True: pass\npyodide_js._module.HEAPU8.constructor.prototype.subarray = forever\nanswer = 1',
  ),
];

/** A program that writes down this text, an expression of Python's, as what became of it. */
function replying(text: string): string {
  return `import json\njson.JSONEncoder.encode = lambda *a: ${text}`;
}

/** Whether nothing can be written to files, wherever they lie. */
function FILES(): string {
  return `total = 0
for place in ("", "/dev", "/dev/shm", "/usr", "/usr/local", "/etc", "/run", "/var/tmp", "/tmp"):
    try:
        for i in range(50):
            with open(f"{place}/f{i}", "wb") as f:
                total += f.write(b"x" * 100000)
    except OSError:
        pass
answer = total == 0`;
}

/** Names of the host's that the program can see. */
function HOST_NAMES(): string {
  const names = [
    'process',
    'require',
    'module',
    'fetch',
    'XMLHttpRequest',
    'WebSocket',
    'Worker',
    'setTimeout',
    'Buffer',
  ];
  const more = ['global', 'window', 'self', 'postMessage', 'performance', 'structuredClone', 'WebAssembly', 'crypto'];
  return `return ${JSON.stringify([...names, ...more])}.filter((name) => name in globalThis);`;
}

/** Finds what a program before it may have left behind: the value is the list of it. */
export const CANARY: { readonly [language in Language]: string } = {
  javascript: `const found = [];
    if ({}.polluted !== undefined) found.push('prototype');
    if (typeof out !== 'undefined') found.push('global');
    if (typeof String !== 'function' || JSON.stringify([1]) !== '[1]' || 'ab'.length !== 2) found.push('built-ins');
    return found;`,
  python: `import os
home = ("usr", "lib", "lib64", "etc", "dev", "home", "proc", "tmp")
answer = [n for n in os.listdir("/") if n not in home] + [n for n in globals() if n in ("all", "f", "X", "make")]
answer += os.listdir("/tmp") if os.path.isdir("/tmp") else []`,
};
