/**
 * Python in bubblewrap: a process of its own in name spaces of its own, with no network, an empty file system but for
 * the interpreter, limits on memory and processor time, and a filter of system calls. Linux only.
 */
import { execFile } from 'node:child_process';
import { arch, platform } from 'node:process';
import { promisify } from 'node:util';
import { finish, firstThat, mostBytesOf, startChild, type Engine } from './child.ts';
import type { SandboxLimits } from './limits.ts';
import { RUNNER } from './python-runner.ts';
import { seccompFilter } from './seccomp.ts';

const MEGABYTE = 1 << 20;
/** The interpreter's own part of the address space. */
const OWN_MB = 224;
/** A program may not be judged by how long its interpreter took to start. */
const START_MS = 1500;
const ASK_MS = 15_000;

/** Python in bubblewrap, or nothing where there is no interpreter or no filter for this machine. */
export async function openBubblewrap(limits: SandboxLimits): Promise<Engine | undefined> {
  const filter = seccompFilter(arch);
  if (platform !== 'linux' || !filter) return undefined;
  const interpreter = await firstThat(['/usr/bin/python3', 'python3'], locate);
  return interpreter && inBubblewrap(interpreter, filter, limits);
}

interface Interpreter {
  readonly file: string;
  readonly home: string;
  /** Folders of its library. */
  readonly library: readonly string[];
  /** Folders in these that hold what others have installed. */
  readonly foreign: readonly string[];
  /** The loader and the shared libraries that it and its library need, under the names the loader looks for. */
  readonly shared: readonly string[];
}

/** Python tells what it consists of: it loads all of its library that is machine code, and asks the loader what is there then. */
const ASK = `
import ctypes, importlib, json, os, sys, sysconfig
library = sorted({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})
native = {os.path.join(place, "lib-dynload") for place in library} | {place for place in sys.path if place.endswith("lib-dynload")}
library += sorted({os.path.realpath(place) for place in native if os.path.isdir(place)})
for place in native:
    for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
        name = name.split(".")[0]
        if not name.startswith(("_test", "_xx", "xx", "_tkinter", "__")):
            try:
                importlib.import_module(name)
            except BaseException:
                pass
class Loaded(ctypes.Structure):
    _fields_ = [("address", ctypes.c_size_t), ("name", ctypes.c_char_p)]
shared = []
note = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Loaded), ctypes.c_size_t, ctypes.c_void_p)
ctypes.CDLL(None).dl_iterate_phdr(note(lambda one, size, data: shared.append(os.fsdecode(one[0].name or b"")) or 0), None)
print(json.dumps({
    "file": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
    "home": sys.base_prefix,
    "library": library,
    "foreign": [path for place in library for name in ("site-packages", "dist-packages") for path in [os.path.join(place, name)] if os.path.isdir(path)],
    "shared": [name for name in shared if name.startswith("/") and os.path.isfile(name)],
}))
`;

async function locate(command: string): Promise<Interpreter | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ['-I', '-S', '-c', ASK], { timeout: ASK_MS });
    return JSON.parse(stdout) as Interpreter;
  } catch {
    return undefined;
  }
}

/** What is there: the interpreter, its library and the loader, and nothing else of the machine but the zones of time. */
function bubblewrapped({ file, home, library, foreign, shared }: Interpreter): string[] {
  const seen = [...new Set([file, ...library, ...shared])];
  return [
    ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    // Nothing between bubblewrap and Python: it would be left over by bubblewrap, which does not wait for it to end.
    ['--as-pid-1'],
    seen.flatMap((path) => ['--ro-bind', path, path]),
    foreign.flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ['/etc/ld.so.cache', '/usr/share/zoneinfo'].flatMap((path) => ['--ro-bind-try', path, path]),
    // No /dev of bubblewrap's: that is a file system in memory, without a bound. Nor what is random: that comes from a seed.
    ['null', 'zero'].flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    // Nor a folder to write to: a file system in memory counts bytes and no files, and empty files take memory too.
    ['--chdir', '/', '--remount-ro', '/'],
    [
      '--setenv',
      'PYTHONHASHSEED',
      '0',
      '--setenv',
      'TZ',
      'UTC',
      '--setenv',
      'PYTHONHOME',
      home,
      '--hostname',
      'sandbox',
    ],
    ['--json-status-fd', '4', '--seccomp', '3', '--'],
    // Not isolated (-I), which would leave the seed of its hashes aside; its environment is the one above.
    [file, '-s', '-S', '-B', '-c', RUNNER],
  ].flat();
}

function inBubblewrap(interpreter: Interpreter, filter: Uint8Array, limits: SandboxLimits): Engine {
  const { timeoutMs, memoryMb, outputChars } = limits;
  const start = {
    command: 'bwrap',
    args: bubblewrapped(interpreter),
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    extra: filter,
    tellsOfInner: true as const,
    mostBytes: mostBytesOf(limits),
  };
  return {
    async run({ code, globals = {}, seed = 0 }, signal) {
      signal?.throwIfAborted();
      const child = startChild(start);
      const job = {
        code,
        globals,
        seed,
        memory: (memoryMb + OWN_MB) * MEGABYTE,
        seconds: Math.ceil(timeoutMs / 1000) + 1,
        output: outputChars,
      };
      child.end(JSON.stringify(job));
      return finish(child, timeoutMs + START_MS, signal);
    },
    close() {},
  };
}
