/** Addresses of PostgreSQL: what names a store in messages, and never its password. */
import { StoreError } from '../../core/index.ts';

export interface Address {
  /** Host, port, database, user and schema, for messages. */
  readonly shown: string;
  /** What the client takes. */
  readonly connection: string;
  readonly schema: string;
}

const DEFAULT_SCHEMA = 'plusx';
/** `pg` 8 checks the certificate for these as for `verify-full`, writes a page about it, and is to check less one day. */
const CHECKED = /^(?:prefer|require|verify-ca)$/;
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** Whether a store is named by an address of PostgreSQL, and not by a file. */
export const isPostgres = (name: string): boolean => /^postgres(?:ql)?:\/\//.test(name);

export function addressOf(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !isPostgres(text))
    throw new StoreError({
      file: 'postgres://...',
      problem: 'its address is not of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE',
      hint: 'Write signs such as @, / and # of a password as %40, %2F and %23',
    });
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  url.searchParams.delete('schema');
  if (CHECKED.test(url.searchParams.get('sslmode') ?? '') && url.searchParams.get('uselibpqcompat') !== 'true')
    url.searchParams.set('sslmode', 'verify-full');
  const user = url.username === '' ? '' : `${decoded(url.username)}@`;
  const named = schema === DEFAULT_SCHEMA ? '' : `?schema=${schema}`;
  const shown = `postgres://${user}${url.host}${url.pathname}${named}`;
  if (!SCHEMA.test(schema))
    throw new StoreError({
      file: shown,
      problem: 'the name of its schema is not one',
      hint: 'Use small letters, digits and `_`, as in `?schema=team_a`',
    });
  return { shown, connection: url.href, schema };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
