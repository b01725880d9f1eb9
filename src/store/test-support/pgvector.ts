/** A real PostgreSQL that has pgvector, where there is one: of Debian, or the one in the Python package `pgserver`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asOwner, installed, noPostgres, postgres, type Postgres, type PostgresOptions } from './postgres.ts';

const bin = noPostgres === undefined ? [...installed(), ...ofPython()].find(hasVector) : undefined;

/** Why none can be started here; undefined where one can. */
export const noPgvector: string | undefined =
  noPostgres ??
  (bin === undefined
    ? 'skipped: no PostgreSQL here has pgvector (apt install postgresql-VERSION-pgvector, or pip install pgserver for the python3 on the path)'
    : undefined);

export function pgvector(options: PostgresOptions = {}): Promise<Postgres> {
  if (noPgvector !== undefined) throw new Error(noPgvector);
  return postgres({ ...options, bin });
}

/** Sees to it that nobody makes an extension in a database, as where the server has none. */
export async function withoutExtensions(server: Postgres, database = 'postgres'): Promise<void> {
  await server.sql(
    `CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no extensions here'; END $$;
     CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION refuse()`,
    database,
  );
}

/** Whoever runs the server must be able to read it: a folder of root's is none. */
function hasVector(folder: string): boolean {
  const words = [...asOwner(), 'env', join(folder, 'pg_config'), '--sharedir'];
  const [command, ...args] = words as [string, ...string[]];
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 && existsSync(join(stdout.trim(), 'extension/vector.control'));
}

function ofPython(): readonly string[] {
  const find =
    "import importlib.util as u; s = u.find_spec('pgserver'); print(s.submodule_search_locations[0] if s else '')";
  const { stdout } = spawnSync('python3', ['-c', find], { encoding: 'utf8' });
  const folder = (stdout ?? '').trim();
  return folder === '' ? [] : [join(folder, 'pginstall/bin')];
}
