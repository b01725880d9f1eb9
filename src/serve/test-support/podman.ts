/**
 * Podman with a storage and a base image of its own, so that no image is fetched and nobody's containers are seen. The base stands for
 * the one that the Dockerfile names: the Node that runs the tests, a shell, and the libraries that they need, from this machine.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAMS = ['sh', 'mkdir', 'chown'];
/** Podman asks for more than a container may be given where it does not run as the machine's own root. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
/** crun does not start on every arrangement of cgroups. */
const RUNTIMES = [[], ['--runtime', '/usr/sbin/runc'], ['--runtime', '/usr/bin/runc']];
const STEP_MS = 120_000;

export interface Podman {
  /** What the command prints. Throws where it fails, with what it said. */
  readonly command: (...args: readonly string[]) => Promise<string>;
  /** The same, of `podman run` without a network. */
  readonly run: (...args: readonly string[]) => Promise<string>;
  /** Ends all containers and takes the images away. */
  readonly close: () => Promise<void>;
}

/** Podman with an image under the name `base`, in a folder that is empty; or why there is none. */
export async function openPodman(folder: string, base: string): Promise<Podman | string> {
  const own = (name: string): string => join(folder, name);
  const places = ['--root', own('storage'), '--runroot', own('run'), '--tmpdir', own('tmp')];
  const command =
    (runtime: readonly string[]) =>
    async (...args: readonly string[]): Promise<string> =>
      (await run('podman', [...places, ...runtime, ...args], { timeout: STEP_MS })).stdout;
  try {
    await run('podman', ['--version']);
    await fillBase(own('base'));
    await run('tar', ['-C', own('base'), '-cf', own('base.tar'), '.']);
    await command([])('import', '--quiet', own('base.tar'), base);
  } catch (error) {
    return whyNot(error);
  }
  let reason = '';
  for (const runtime of RUNTIMES) {
    const podman = command(runtime);
    const start = (...args: readonly string[]): Promise<string> => podman('run', '--network=none', ...LIMITS, ...args);
    try {
      await start('--rm', base, 'sh', '-c', ':');
    } catch (error) {
      reason ||= whyNot(error);
      continue;
    }
    const close = async (): Promise<void> => {
      await podman('rm', '--all', '--force', '--time', '0');
      await podman('rmi', '--all', '--force');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    return { command: podman, run: start, close };
  }
  return reason;
}

async function fillBase(root: string): Promise<void> {
  for (const one of ['usr/local/bin', 'usr/bin', 'bin', 'etc', 'proc', 'sys', 'dev', 'run', 'tmp'])
    mkdirSync(join(root, one), { recursive: true });
  const programs = [process.execPath];
  for (const name of PROGRAMS) programs.push((await run('sh', ['-c', `command -v ${name}`])).stdout.trim());
  for (const program of programs) {
    const to = program === process.execPath ? 'usr/local/bin/node' : `bin/${basename(program)}`;
    cpSync(realpathSync(program), join(root, to));
    const { stdout } = await run('ldd', [realpathSync(program)]);
    for (const library of stdout.match(/\/\S+/g) ?? []) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      cpSync(realpathSync(library), join(root, library));
    }
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
}

/** The last thing that was said, in one line. */
const whyNot = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '';
