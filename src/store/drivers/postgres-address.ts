/** Addresses of PostgreSQL: what names a store in messages, and never its password. */
import { StoreError } from '../../core/index.ts';

export interface Address {
  /** Host, port, database, user and schema, for messages. */
  readonly shown: string;
  /** What the client takes, for each host in the order in which they stand. */
  readonly connections: readonly [string, ...string[]];
  /** Whether a host that takes no writes is none to use: `target_session_attrs=read-write`. */
  readonly mustWrite: boolean;
  readonly schema: string;
}

const DEFAULT_SCHEMA = 'plusx';
/** `pg` 8 checks the certificate for these as for `verify-full`, writes a page about it, and is to check less one day. */
const CHECKED = /^(?:prefer|require|verify-ca)$/;
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** Whether a store is named by an address of PostgreSQL, and not by a file. */
export const isPostgres = (name: string): boolean => /^postgres(?:ql)?:\/\//.test(name);

/** `postgres://mia:secret@a:5432,b:5432/x` in three: what is before the hosts, they, and what is after. */
const PARTS = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s;
/** As in `psql`, and whether they ask for a host that takes writes. */
const WANTED: { readonly [attrs: string]: boolean } = { any: false, 'read-write': true, primary: true };

export function addressOf(text: string): Address {
  const [, before = '', hosts = '', after = ''] = PARTS.exec(text) ?? [];
  const names = hosts.split(',').map((host) => `${before}${host}${after}`);
  const urls = names.flatMap((name) => (URL.canParse(name) ? [new URL(name)] : []));
  const [url] = urls;
  if (!url || urls.length < names.length || !isPostgres(text))
    throw new StoreError({
      file: 'postgres://...',
      problem: 'its address is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE',
      hint: 'Write signs such as @, / and # of a password as %40, %2F and %23',
    });
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  const attrs = url.searchParams.get('target_session_attrs') ?? 'any';
  for (const { searchParams } of urls) {
    searchParams.delete('schema');
    searchParams.delete('target_session_attrs');
    if (CHECKED.test(searchParams.get('sslmode') ?? '') && searchParams.get('uselibpqcompat') !== 'true')
      searchParams.set('sslmode', 'verify-full');
  }
  const user = url.username === '' ? '' : `${decoded(url.username)}@`;
  const named = schema === DEFAULT_SCHEMA ? '' : `?schema=${schema}`;
  const shown = `postgres://${user}${urls.map(({ host }) => host).join(',')}${url.pathname}${named}`;
  if (!SCHEMA.test(schema))
    throw new StoreError({
      file: shown,
      problem: 'the name of its schema is not one',
      hint: 'Use small letters, digits and `_`, as in `?schema=team_a`',
    });
  const mustWrite = WANTED[attrs];
  if (mustWrite === undefined)
    throw new StoreError({
      file: shown,
      problem: 'its target_session_attrs is none that is known here',
      hint: `Use one of ${Object.keys(WANTED).join(', ')}`,
    });
  const [first, ...others] = urls.map(({ href }) => href);
  return { shown, connections: [first ?? '', ...others], mustWrite, schema };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
