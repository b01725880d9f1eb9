/** Says in one line what went wrong in PostgreSQL and what to do about it. */
import { StoreError } from '../../core/index.ts';

const KEPT = 'Everything stored before is kept';
const REACH = 'Check the address, and that PostgreSQL runs and takes connections there';
const RUNS = `${KEPT}. See that PostgreSQL runs there, and run again`;

/** By SQLSTATE, or its class, or the code that the network gives. */
const CAUSES: { readonly [code: string]: readonly [problem: string, hint: string] } = {
  '28P01': [
    'the user or the password is wrong',
    'Check both in the address; PGPASSWORD or ~/.pgpass may hold the password',
  ],
  '28000': [
    'this user may not connect',
    'Check the user in the address, pg_hba.conf of the server, and whether it wants TLS: `?sslmode=verify-full`',
  ],
  '3D000': ['there is no such database', 'Make it with `createdb`, or name another one'],
  '42501': [
    'this role may not do that',
    `${KEPT}. Grant the role what it needs, or connect as the owner of the tables`,
  ],
  '25006': ['it is read-only: a replica, or a read-only role', `${KEPT}. Name the primary server to write`],
  STANDBY: ['none of its hosts takes writes', `${KEPT}. Promote a replica, or leave target_session_attrs out to read`],
  '53100': ['the disk of the server is full', `${KEPT}. Free some space and run again`],
  '53300': ['the server has no connection left', `${KEPT}. Raise max_connections, or put PgBouncer in front`],
  '55P03': ['another session kept it locked', `${KEPT}. End the session that holds it, or raise \`waitMs\``],
  '54': ['the entry is too large for the database', 'Store large files elsewhere and keep their address'],
  '42P01': ['a table is missing', 'Restore the schema from a backup, or name another one: `?schema=NAME`'],
  '42703': ['a table has other columns than this plusx knows', 'Name another schema: `?schema=NAME`'],
  ECONNRESET: ['the connection was cut', RUNS],
  EPIPE: ['the connection was cut', RUNS],
  LOST: ['the connection was cut', RUNS],
  '57P': ['the server ends or starts', RUNS],
  BEHIND: ['PgBouncer answers, and does not reach PostgreSQL behind it', RUNS],
  POOL_WAIT: [
    'no connection of PgBouncer came free',
    `${KEPT}. See that PostgreSQL runs behind it, or raise default_pool_size: each coordinator of workers keeps one`,
  ],
  POOL_CLIENTS: ['PgBouncer takes no more clients', `${KEPT}. Raise max_client_conn there`],
  POOL_MODE: ['PgBouncer ends each transaction after one statement', `${KEPT}. Set pool_mode = transaction there`],
  ECONNREFUSED: ['nothing answers there', REACH],
  ENOTFOUND: ['there is no such host', REACH],
  EAI_AGAIN: ['the name of the host is not found', REACH],
  ENOENT: ['nothing answers there', REACH],
  FILE: ['a file that is named in the address cannot be read', 'Check sslrootcert, sslcert and sslkey there'],
  NO_TLS: [
    'it speaks no TLS',
    'Turn on `ssl` in postgresql.conf of the server. Where the network is safe, leave sslmode out',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another host',
    'Name the host in the address as the certificate does',
  ],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Give the server a new one'],
  CERT_NOT_YET_VALID: ['its certificate does not hold yet', 'Check the clocks of the server and of this machine'],
  CERTIFICATE: [
    'its certificate is signed by none that is trusted here',
    'Name the file of the authority that signed it: `?sslmode=verify-full&sslrootcert=FILE`',
  ],
};

/** What Node calls a chain of certificates that does not end in one that is trusted. */
const CERTIFICATE = /CERT|^UNABLE_TO_/;

/** Errors after which the same may work on a new connection: it was lost, or the server ends or starts, or two waited for each other. */
const PASSING =
  /^(?:08|57P0[1235]|40001|40P01|53300|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND|LOST$|STANDBY|BEHIND|POOL_WAIT|POOL_CLIENTS)/;

/** PgBouncer has one code for all that it says, and words for each. */
const POOLER = '08P01';
const POOLER_SAYS: readonly (readonly [words: RegExp, code: string])[] = [
  [/authentication failed/, '28P01'],
  [/no such database/, '3D000'],
  [/statement pooling mode/, 'POOL_MODE'],
  [/query_wait_timeout/, 'POOL_WAIT'],
  [/no more connections allowed/, 'POOL_CLIENTS'],
  [/server_login_retry|cannot connect to server|server conn crashed/, 'BEHIND'],
];

/** One entry cannot be stored; others can. */
export class EntryRefused extends StoreError {}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('syscall' in error && error.syscall === 'open') return 'FILE'; // a socket that is not there has the same code
  const message = error instanceof Error ? error.message : '';
  if ('code' in error && typeof error.code === 'string')
    return (error.code === POOLER ? POOLER_SAYS.find(([words]) => words.test(message))?.[1] : undefined) ?? error.code;
  // The client has no codes for these.
  if (message.startsWith('The server does not support SSL')) return 'NO_TLS';
  return /^(?:Connection terminated|Client has encountered|Client was closed|timeout exp)/.test(message) ? 'LOST' : '';
}

export const mayPass = (error: unknown): boolean => PASSING.test(codeOf(error));

/** A server is there that was never reached: it ends or starts. Where nothing answers, the address may be wrong. */
export const isThere = (error: unknown): boolean => /^(?:57P0[1235]|ECONNRESET)$/.test(codeOf(error));

/** The connection has none of the statements that this client prepared, or some that it did not: a pooler handed it on. */
export const isForgotten = (error: unknown): boolean => /^(?:26000|42P05)$/.test(codeOf(error));

export function toStoreError(file: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const Kind = code.startsWith('54') ? EntryRefused : StoreError;
  const [problem, hint] = CAUSES[code] ??
    CAUSES[code.slice(0, 3)] ??
    CAUSES[code.slice(0, 2)] ??
    (CERTIFICATE.test(code) ? CAUSES['CERTIFICATE'] : undefined) ?? [
      'the database refused',
      'Check the server, or name another one',
    ];
  return new Kind({ file, problem: `${problem}${said(error)}`, hint });
}

export function lost(file: string, ms: number, error: unknown): StoreError {
  return new StoreError({
    file,
    problem: `the connection was lost and did not come back within ${ms / 1000} s${said(error)}`,
    hint: `${KEPT}. Start PostgreSQL again and go on, or raise \`waitMs\``,
  });
}

function said(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const text = why.replaceAll(/\s+/g, ' ').trim();
  return text === '' ? '' : ` (${text.slice(0, 200).toWellFormed()})`;
}
