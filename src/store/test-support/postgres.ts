/**
 * A real PostgreSQL for tests: private, on the loopback interface, in a folder of its own, which it takes with it when it
 * goes. It may be stopped, crashed and started again. It ends with the process that started it, however that one ends.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Postgres {
  readonly user: string;
  readonly password: string;
  readonly port: number;
  /** Where its files lie. */
  readonly data: string;
  /** The address of the database `postgres`, with the password of a superuser in it. */
  readonly url: string;
  /** The address of another database, or for another user. */
  urlOf(of: { readonly database?: string; readonly user?: string; readonly password?: string }): string;
  /** Runs SQL as the superuser; resolves to its rows, a line each, columns separated by `|`. */
  sql(text: string, database?: string): Promise<string>;
  /** Runs one of its programs, such as `pg_dump`. */
  program(name: string, ...args: readonly string[]): Promise<void>;
  start(): Promise<void>;
  /** Ends it in good order: connections are cut, everything is written. */
  stop(): Promise<void>;
  /** Ends it as a power failure does: nothing more is written, and the next start recovers from the log. */
  crash(): Promise<void>;
  /** Ends it as the end of its machine does: every process of it is killed at once. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Makes a replica take writes; resolves when it does. */
  promote(): Promise<void>;
  /** Ends it and deletes its files. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** Whether commits wait for the disk, as in earnest. Default: not. */
  readonly fsync?: boolean | undefined;
  /** Where its folder is made. Default: where the system keeps what is temporary. */
  readonly within?: string | undefined;
  /** Makes it a copy of that one, which follows it as a streaming replica. */
  readonly follows?: Postgres | undefined;
  /** Variables of its environment. */
  readonly env?: { readonly [name: string]: string } | undefined;
  /** The folder of its programs. Default: of the newest that Debian has installed, or the one on the path. */
  readonly bin?: string | undefined;
  /** More lines of `postgresql.conf`, by name. */
  readonly settings?: { readonly [name: string]: string | number } | undefined;
}

/** Why no PostgreSQL can be started here; undefined where one can. */
export const noPostgres: string | undefined = findObstacle();

/** Starts one. Where there is none, it throws what `noPostgres` says. */
export async function postgres({
  fsync = false,
  within = tmpdir(),
  follows,
  env = {},
  bin = binaries(),
  settings = {},
}: PostgresOptions = {}): Promise<Postgres> {
  if (noPostgres !== undefined || bin === undefined) throw new Error(noPostgres);
  const user = 'plusx';
  const password = 'a secret of the tests';
  const folder = mkdtempSync(join(within, 'plusx-pg-'));
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  const owner = ownerOf();
  if (owner) for (const path of [folder, secret]) chownSync(path, owner.uid, owner.gid);
  const program = (name: string, ...args: string[]): [string, string[]] => {
    // Its own: what becomes the owner is another program.
    const variables = Object.entries(env).map(([variable, value]) => `${variable}=${value}`);
    const words = [...asOwner(owner), 'env', ...variables, join(bin, name), ...args];
    const [first, ...others] = words as [string, ...string[]];
    return [first, others];
  };
  // No descriptor of a pipe is left to a server that outlives the call: the call would wait for it.
  const control = async (...args: string[]): Promise<void> => {
    const [command, others] = program('pg_ctl', '-D', data, '-w', '-t', '120', '-l', log, ...args);
    const child = spawn(command, others, { stdio: 'ignore', cwd: folder });
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw new Error(`pg_ctl ${args.join(' ')} ended with ${code}: see ${log}`);
  };
  const flags = ['-U', user, '-E', 'UTF8', '--no-locale', '--no-sync', '-A', 'scram-sha-256', `--pwfile=${secret}`];
  if (follows) {
    const copy = ['-D', data, '-d', follows.url, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
    await execute(...program('pg_basebackup', ...copy), { cwd: folder });
  } else await execute(...program('initdb', '-D', data, ...flags), { cwd: folder });
  const port = await freePort();
  const lines = {
    listen_addresses: "'127.0.0.1'",
    unix_socket_directories: "''",
    port,
    fsync: fsync ? 'on' : 'off',
    synchronous_commit: fsync ? 'on' : 'off',
    shared_buffers: "'64MB'",
    max_connections: 200,
    ...settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`);
  // A copy has where it follows in there, and the last line of a name holds.
  writeFileSync(join(data, 'postgresql.auto.conf'), text.join(''), { flag: follows ? 'a' : 'w' });
  const urlOf: Postgres['urlOf'] = (of) =>
    `postgres://${encodeURIComponent(of.user ?? user)}:${encodeURIComponent(of.password ?? password)}@127.0.0.1:${port}/${of.database ?? 'postgres'}`;

  // Waits for the end of this process, which closes its input, whatever that end was.
  const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const [command, others] = program('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
  const end = `cat >/dev/null; ${[command, ...others].map(quote).join(' ')}; rm -rf ${quote(folder)}`;
  const guard = spawn('sh', ['-c', end], { stdio: ['pipe', 'ignore', 'ignore'], cwd: tmpdir(), detached: true });
  guard.unref();
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();

  let isUp = false;
  const start = async (): Promise<void> => {
    if (!isUp) await control('start');
    isUp = true;
  };
  const halt = async (mode: string): Promise<void> => {
    if (isUp) await control('-m', mode, 'stop');
    isUp = false;
  };
  await start();
  return {
    user,
    password,
    port,
    data,
    url: urlOf({}),
    urlOf,
    async sql(query, database) {
      const args = [
        urlOf({ ...(database !== undefined && { database }) }),
        '-XAtq',
        '-v',
        'ON_ERROR_STOP=1',
        '-c',
        query,
      ];
      return (await execute(join(bin, 'psql'), args, { cwd: tmpdir() })).stdout.trimEnd();
    },
    program: async (name, ...args) => void (await execute(join(bin, name), args, { cwd: tmpdir() })),
    start,
    stop: () => halt('fast'),
    crash: () => halt('immediate'),
    async kill() {
      if (isUp) await killAll(data);
      isUp = false;
    },
    async restart() {
      await halt('fast');
      await start();
    },
    promote: () => control('promote'),
    async close() {
      await halt('immediate');
      if (guard.exitCode === null) {
        const gone = new Promise((resolve) => guard.once('close', resolve));
        guard.ref();
        guard.stdin.end();
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Owner {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Kills the server of these files with all that it started, and takes the file away that says that it runs. */
async function killAll(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  const main = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  process.kill(main, 'SIGSTOP'); // it starts no more
  const own = (await processes()).filter(({ pid, parent }) => pid === main || parent === main).map(({ pid }) => pid);
  for (const pid of own) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
  const isThere = async (): Promise<boolean> => (await processes()).some(({ pid }) => own.includes(pid));
  for (let left = 100; await isThere(); left--) {
    if (left === 0) throw new Error(`PostgreSQL, process ${main}, is still there 10 s after it was killed`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  rmSync(lock, { force: true });
}

/** All that run; one that ended and whose parent has not looked yet does not. */
async function processes(): Promise<readonly { readonly pid: number; readonly parent: number }[]> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return all
    .filter(([, , state = '']) => !state.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

/** PostgreSQL refuses to run as root: root hands it to the user that Debian's package makes. */
function ownerOf(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { name: 'postgres', uid: idOf('-u'), gid: idOf('-g') };
}

export const asOwner = (owner: Owner | undefined = ownerOf()): string[] =>
  owner ? ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : [];

/** The folder with `initdb`. */
function binaries(): string | undefined {
  return installed()[0];
}

/** All folders with `initdb`: of what Debian has installed, the newest first, and the one on the path. */
export function installed(): readonly string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    dirname(spawnSync('sh', ['-c', 'command -v initdb'], { encoding: 'utf8' }).stdout.trim()),
    '/usr/local/pgsql/bin',
  ];
  return folders.filter((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

function findObstacle(): string | undefined {
  if (binaries() === undefined) return 'skipped: there is no PostgreSQL here (apt install postgresql)';
  if (process.getuid?.() !== 0) return undefined;
  if (spawnSync('id', ['-u', 'postgres']).status !== 0)
    return 'skipped: PostgreSQL does not run as root, and there is no user named postgres';
  return spawnSync('setpriv', ['--version']).status === 0
    ? undefined
    : 'skipped: PostgreSQL does not run as root, and there is no setpriv to become another user';
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
