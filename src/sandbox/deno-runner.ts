/**
 * What Deno is given to run: it loads Python, gives up the one right it has, waits for a program and tells what became of it.
 * The program shares its process, so nothing this writes is trusted.
 */
import { REPLY } from './python-runner.ts';

interface Deno {
  readonly args: readonly string[];
  readonly stdin: { read(into: Uint8Array): Promise<number | null> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  readonly permissions: { revoke(right: { readonly name: 'read' }): Promise<unknown> };
  exit(status: number): never;
}

/** What Pyodide asks of Node, where Deno stands for it. */
interface Process extends Record<'getuid' | 'geteuid' | 'getgid' | 'getegid', () => number> {
  getBuiltinModule(name: 'node:crypto'): { randomFillSync: <T extends ArrayBufferView>(view: T) => T };
}

/** What is used of Pyodide. The two options with a line before their names are its own way to begin from a memory. */
interface Pyodide {
  runPython(code: string): unknown;
  readonly globals: { set(name: string, value: string): void };
  makeMemorySnapshot(): Uint8Array;
}
type LoadPyodide = (options: {
  readonly indexURL: string;
  readonly jsglobals: object;
  readonly env: { readonly [name: string]: string };
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  readonly _makeSnapshot?: boolean;
  readonly _loadSnapshot?: Uint8Array;
}) => Promise<Pyodide>;

const { args, stdin, stdout, permissions, exit } = (globalThis as unknown as { Deno: Deno }).Deno;
const [task, folder = '', module = ''] = args;
let state = 1;

// Python asks this module for what is random, and it asks Deno, which will be gone. What a program sees comes from its seed.
const { process } = globalThis as unknown as { process: Process };
process.getBuiltinModule('node:crypto').randomFillSync = filled;
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid'] as const) process[name] = () => 0;

const snapshot = task === 'program' ? await given() : undefined;
const { loadPyodide } = (await import(module)) as { loadPyodide: LoadPyodide };
const python = await loadPyodide({
  indexURL: `${folder}/`,
  jsglobals: Object.create(null) as object, // what Python's `import js` sees
  env: { HOME: '/', PYTHONHASHSEED: '0', TZ: 'UTC', _: 'python' }, // `_` would name this file
  stdout: () => {},
  stderr: () => {},
  ...(task === 'snapshot' && { _makeSnapshot: true }),
  ...(snapshot && { _loadSnapshot: snapshot }),
});
if (!snapshot) python.runPython(REPLY);
if (task === 'snapshot') {
  write(python.makeMemorySnapshot());
  exit(0);
}
await permissions.revoke({ name: 'read' });
for (const name of [
  'Deno',
  'Worker',
  'fetch',
  'WebSocket',
  'EventSource',
  'caches',
  'localStorage',
  'BroadcastChannel',
])
  Reflect.deleteProperty(globalThis, name);
python.runPython('os.environ.clear()');
python.runPython('sys.executable = sys._base_executable = "python"; sys.argv = [""]; sys.orig_argv = ["python"]'); // else the path of this file
answer(JSON.stringify({ code: 'answer = 1', globals: {}, seed: 0, output: 100 })); // so that what the next one needs is compiled
write('\n');
write(answer(new TextDecoder().decode(await rest())));
exit(0);

function answer(job: string): string {
  try {
    python.globals.set('job', job);
    return String(python.runPython('reply(job)'));
  } catch (error) {
    // Python itself is gone: the program ended it, or broke it.
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
    const status = name === 'Exit' ? /\((\d+)\)/.exec(message)?.[1] : undefined;
    return JSON.stringify({
      reason: status === undefined ? 'memory' : 'thrown',
      message: `The program ended its interpreter (${status === undefined ? message.slice(0, 300) : `status ${status}`}).`,
      output: '',
    });
  }
}

/** Fills it with what looks random and is always the same. */
function filled<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return view;
}

/** Bytes whose number comes first, or nothing where it is 0. */
async function given(): Promise<Uint8Array | undefined> {
  const head = await exactly(4);
  const length = new DataView(head.buffer).getUint32(0, true);
  return length === 0 ? undefined : exactly(length);
}

async function exactly(length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = await stdin.read(bytes.subarray(at));
    if (read === null) return exit(1); // the host is gone
    at += read;
  }
  return bytes;
}

async function rest(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  for (let read = await stdin.read(buffer); read !== null; read = await stdin.read(buffer))
    chunks.push(buffer.slice(0, read));
  if (chunks.length === 0) exit(0); // there is no program
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

function write(data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  for (let at = 0; at < bytes.length;) at += stdout.writeSync(bytes.subarray(at));
}
