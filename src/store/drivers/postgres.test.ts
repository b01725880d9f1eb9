/** What needs no server: addresses, texts, and how statements are sent. `npm run test:slow` runs the tests of the store on a server. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../core/index.ts';
import type { Statement } from '../driver.ts';
import { decodeText, encodeText } from './dialects.ts';
import { addressOf, isPostgres } from './postgres-address.ts';
import { EntryRefused, mayPass, toStoreError } from './postgres-error.ts';
import { translator } from './postgres-sql.ts';
import { postgresDriver } from './postgres.ts';

describe('an address', () => {
  it.each([
    ['postgres://mia:s3cret@db:5432/plusx', 'postgres://mia@db:5432/plusx', 'plusx'],
    ['postgresql://mia:s3cret@[::1]/x?schema=team_a&sslmode=require', 'postgres://mia@[::1]/x?schema=team_a', 'team_a'],
    ['postgres:///plusx?host=/var/run/postgresql&password=s3cret', 'postgres:///plusx', 'plusx'],
    ['postgres://m%69a:a%40b%2F@db/x#s3cret', 'postgres://mia@db/x', 'plusx'],
    ['postgres://mia:s3cret@a:1,b:2/x?schema=team_a', 'postgres://mia@a:1,b:2/x?schema=team_a', 'team_a'],
  ])('names %s without its password', (text, shown, schema) => {
    expect(addressOf(text)).toMatchObject({ shown, schema });
    expect(addressOf(text).connections.join(' ')).not.toContain('schema=');
  });

  it.each([
    ['require', 'verify-full'],
    ['prefer', 'verify-full'],
    ['verify-ca', 'verify-full'],
    ['verify-full', 'verify-full'],
    ['no-verify', 'no-verify'],
    ['disable', 'disable'],
    ['require&uselibpqcompat=true', 'require'],
  ])('with sslmode=%s is reached by %s', (asked, mode) => {
    const [connection] = addressOf(`postgres://db/x?sslmode=${asked}&sslrootcert=/a%20b`).connections;
    const found = new URL(connection).searchParams;
    expect([found.get('sslmode'), found.get('sslrootcert')]).toEqual([mode, '/a b']);
  });

  it.each([
    'postgres://mia:s3cret@db:port/x',
    'postgres://mia:s3cret@ db/x',
    'postgres://mia:s3cret@db/x?schema="; DROP',
    'mysql://mia:s3cret@db/x',
  ])('that is none is refused without its password: %s', (text) => {
    let said = '';
    try {
      postgresDriver({ url: text });
    } catch (error) {
      if (error instanceof StoreError) said = error.message;
    }
    expect(said).toMatch(/^Store postgres:.*\. [A-Z][^.]*/);
    expect(said).not.toContain('s3cret');
    expect(said).not.toContain('\n');
  });

  it.each([
    ['', false],
    ['&target_session_attrs=any', false],
    ['&target_session_attrs=read-write', true],
    ['&target_session_attrs=primary', true],
  ])('of several hosts is one of each, in their order%s', (attrs, mustWrite) => {
    const { connections, mustWrite: must } = addressOf(`postgres://mia:p@a:1,[::1]:2,c/x?sslmode=require${attrs}`);
    expect(connections).toEqual(['a:1', '[::1]:2', 'c'].map((at) => `postgres://mia:p@${at}/x?sslmode=verify-full`));
    expect(must).toBe(mustWrite);
  });

  it.each([
    ['postgres://mia:s3cret@a:1,b:port/x', /its address is not of the form/],
    ['postgres://mia:s3cret@a,b/x?target_session_attrs=standby', /target_session_attrs .*any, read-write, primary/],
  ])('of several hosts that is none is refused: %s', (text, said) => {
    expect(() => addressOf(text)).toThrow(said);
    expect(() => addressOf(text)).not.toThrow(/s3cret/);
  });

  it('is no file, and a file is no address', () => {
    expect(
      ['postgres://h/d', 'postgresql://h/d', 'postgres.db', './postgres:/x', 'a/postgres://h'].map(isPostgres),
    ).toEqual([true, true, false, false, false]);
  });
});

const text = fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a', 'é', '😀') });

it('texts come back as they were, have no NUL on the way, and keep their order', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(decodeText(encodeText(a))).toBe(a);
      expect(encodeText(a)).not.toContain('\0');
      const order = (x: string, y: string): number => Buffer.compare(Buffer.from(x), Buffer.from(y));
      expect(order(encodeText(a), encodeText(b))).toBe(order(a, b));
    }),
  );
});

describe('statements', () => {
  const sql = translator('s');
  const kept = (key: number, value: string): Statement => ({
    sql: 'INSERT INTO journal (key, entry) VALUES (?, ?) ON CONFLICT (key) DO NOTHING',
    params: [new Uint8Array([key]), value],
  });

  it('have numbered parameters, and tables with their schema', () => {
    const statement: Statement = {
      sql: 'INSERT INTO a (k) SELECT k FROM b WHERE k = ? ON CONFLICT (k) DO UPDATE SET k = a.k + ?',
      params: ['x\0', 1],
    };
    expect(sql.query(statement)).toMatchObject({
      text: 'INSERT INTO "s".a (k) SELECT k FROM "s".b WHERE k = $1 ON CONFLICT (k) DO UPDATE SET k = a.k + $2',
      values: ['x\u0001\u0001', 1],
    });
  });

  it('that put what is not there yet go together, in one order for all processes', () => {
    const other: Statement = { sql: 'UPDATE runs SET status = ?', params: ['done'] };
    const [first, second, third, ...none] = sql.queries([kept(3, 'c'), kept(1, 'a'), other, kept(2, 'b')]);
    expect(none).toEqual([]);
    expect(first).toMatchObject({
      text: 'INSERT INTO "s".journal (key, entry) VALUES ($1, $2), ($3, $4) ON CONFLICT (key) DO NOTHING',
      values: [new Uint8Array([1]), 'a', new Uint8Array([3]), 'c'],
    });
    expect([second?.values, third?.values]).toEqual([['done'], [new Uint8Array([2]), 'b']]);
    expect([first, second, third].map((query) => query && sql.isRepeatable(query))).toEqual([true, false, true]);
  });

  it('have a name that says all of their text, for a connection that a pooler hands on with what was prepared on it', () => {
    const nameOf = (text: string, of = sql): string | undefined => of.query({ sql: text, params: [] }).name;
    expect(nameOf('SELECT a FROM b')).toBe(nameOf('SELECT a FROM b', translator('s')));
    expect(nameOf('SELECT a FROM b')).not.toBe(nameOf('SELECT a FROM b', translator('t')));
    expect(nameOf('SELECT a FROM b')).not.toBe(nameOf('SELECT a FROM c'));
    expect(nameOf('SELECT a FROM b')?.length).toBeLessThan(64); // the server keeps so much of a name
  });

  it('are cut where they would be too long for one', () => {
    const queries = sql.queries(Array.from({ length: 300 }, (_, i) => kept(i % 256, `${i}`)));
    expect(queries.map(({ values }) => values.length)).toEqual([256, 256, 88]);
    const full = sql.queries(Array.from({ length: 256 }, (_, i) => kept(i, `${i}`)));
    expect(full.map(({ values }) => values.length)).toEqual([256, 256]);
  });
});

it.each([
  ['28P01', /the user or the password is wrong \(why\)\. Check both/],
  ['25006', /it is read-only.* Name the primary server/],
  ['42501', /may not do that.* Everything stored before is kept/],
  ['53100', /disk of the server is full.* Free some space/],
  ['54000', /too large for the database/],
  ['57P03', /the server ends or starts.* See that PostgreSQL runs there/],
  ['ECONNRESET', /the connection was cut.* See that PostgreSQL runs there/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /certificate is signed by none that is trusted here.*sslmode=verify-full/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /certificate is signed by none that is trusted here/],
  ['CERT_HAS_EXPIRED', /certificate has expired/],
  ['CERT_NOT_YET_VALID', /does not hold yet.*clocks/],
  ['ENOENT', /nothing answers there/],
  ['XX000', /the database refused \(why\)/],
])('error %s says what to do in one line', (code, said) => {
  const error = toStoreError('postgres://db/x', Object.assign(new Error('why'), { code }));
  expect(error.message).toMatch(said);
  expect(error.message).not.toContain('\n');
  expect(error instanceof EntryRefused).toBe(code === '54000'); // others can be stored
});

it.each([
  ['SASL authentication failed', false, /the user or the password is wrong .*Check both/],
  ['no such database: x', false, /there is no such database .*createdb/],
  ['transaction blocks not allowed in statement pooling mode', false, /after one statement .*pool_mode = transaction/],
  ['query_wait_timeout', true, /no connection of PgBouncer came free .*default_pool_size/],
  ['no more connections allowed (max_client_conn)', true, /takes no more clients .*max_client_conn/],
  [
    'server login has been failing (server_login_retry)',
    true,
    /does not reach PostgreSQL behind it .*See that Postgre/,
  ],
  ['something else', true, /the database refused \(something else\)/],
])('PgBouncer: %s', (words, passes, said) => {
  const error = Object.assign(new Error(words), { code: '08P01' });
  expect(toStoreError('postgres://db/x', error).message).toMatch(said);
  expect(mayPass(error)).toBe(passes);
});
