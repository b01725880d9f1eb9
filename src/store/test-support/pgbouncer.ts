/** A real PgBouncer for tests, on the loopback interface, in front of a PostgreSQL of `postgres`. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, noPostgres, type Postgres } from './postgres.ts';

export interface PgBouncer {
  /** The address of the database `postgres` through it. */
  readonly url: string;
  close(): Promise<void>;
}

export interface PgBouncerOptions {
  /** When a connection of the server is another client's: after a transaction or a statement, or when its client goes. */
  readonly mode: 'transaction' | 'session' | 'statement';
  /** Connections of the server that clients share. */
  readonly size: number;
  /** More lines of its settings. */
  readonly settings?: { readonly [name: string]: string | number };
}

/** Why none can be started here; undefined where one can. */
export const noPgBouncer: string | undefined =
  noPostgres ??
  (spawnSync('pgbouncer', ['--version']).status === 0
    ? undefined
    : 'skipped: there is no pgbouncer (apt install pgbouncer)');

export async function pgbouncer(
  server: Postgres,
  { mode, size, settings: more = {} }: PgBouncerOptions,
): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const users = join(folder, 'users.txt');
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(users, `"${server.user}" "${server.password}"\n`, { mode: 0o644 });
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: mode,
    default_pool_size: size,
    max_client_conn: 500,
    server_login_retry: 1,
    ...more,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(file, `[databases]\npostgres = host=127.0.0.1 port=${server.port}\n[pgbouncer]\n${lines.join('')}`, {
    mode: 0o644,
  });
  // It refuses to run as root, as PostgreSQL does.
  const command = ['pgbouncer', '-q', file];
  const [program = '', ...args] =
    process.getuid?.() === 0
      ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]
      : command;
  const child = spawn(program, args, { stdio: 'ignore', cwd: tmpdir() });
  const gone = new Promise((resolve) => child.once('close', resolve));
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 600) {
      await close();
      throw new Error(`pgbouncer did not start on port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const url = new URL(server.url);
  url.port = String(port);
  return { url: url.href, close };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
