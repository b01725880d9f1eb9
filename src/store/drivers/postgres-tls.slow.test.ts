/** TLS between the store and a real server, with certificates that openssl makes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterError, openDatabase } from '../../cluster/database.ts';
import { StoreError } from '../../core/index.ts';
import { openStore, type Store } from '../store.ts';
import { run } from '../test-support/children.ts';
import { entry } from '../test-support/entry.ts';
import { noPostgres, postgres, type Postgres } from '../test-support/postgres.ts';

const OPEN = join(import.meta.dirname, '../test-support/open.ts');
const obstacle =
  noPostgres ?? (spawnSync('openssl', ['version']).status === 0 ? undefined : 'skipped: there is no openssl here');

describe.skipIf(obstacle !== undefined)(`a server that speaks TLS${obstacle ? `: ${obstacle}` : ''}`, () => {
  let server: Postgres;
  let folder = '';
  const opened: Store[] = [];
  const path = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): Buffer => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const authority = (name: string): void => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, ...files);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plusx-tls-'));
    authority('right');
    authority('wrong');
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=db', '-keyout', 'server.key', '-out', 'server.csr');
    writeFileSync(path('names'), 'subjectAltName=DNS:localhost');
    const signed = ['-CA', 'right.crt', '-CAkey', 'right.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
    openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.crt', ...signed);
    server = await postgres();
    const { uid, gid } = statSync(server.data);
    for (const name of ['server.key', 'server.crt']) {
      const at = join(server.data, name);
      copyFileSync(path(name), at);
      chmodSync(at, 0o600);
      chownSync(at, uid, gid);
    }
    await tls('on');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tls = async (state: 'on' | 'off'): Promise<void> => {
    await server.sql(`ALTER SYSTEM SET ssl = ${state}`);
    await server.restart();
  };
  const url = (query: string, host = 'localhost'): string =>
    `${server.url.replace('@127.0.0.1:', `@${host}:`)}?${query}`;
  const trusting = (name: string, mode = 'verify-full'): string => `sslmode=${mode}&sslrootcert=${path(name)}`;
  const open = (at: string): Store => {
    const store = openStore(at);
    opened.push(store);
    return store;
  };
  const isEncrypted = (): Promise<string> =>
    server.sql(
      "SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'plusx'",
    );

  it.each(['verify-full', 'require'])('sslmode=%s and the right authority: all goes encrypted', async (mode) => {
    const store = open(url(trusting('right.crt', mode)));
    await store.journal.put(mode, entry('x'));
    expect(await store.journal.get(mode)).toEqual(entry('x'));
    expect(await isEncrypted()).toBe('t');
  });

  it('without sslmode nothing is encrypted, which the check above sees', async () => {
    await open(server.url).ready();
    expect(await isEncrypted()).toBe('f');
  });

  it('says nothing of modes on standard error', async () => {
    const { stdout, stderr, code } = await run(OPEN, [url(trusting('right.crt', 'require'))]).ended;
    expect({ stdout, code }).toEqual({ stdout: '', code: 0 });
    expect(stderr).not.toContain('SSL');
  });

  it.each([
    ['the wrong authority', () => url(trusting('wrong.crt')), /signed by none that is trusted.*sslrootcert=FILE/],
    ['no authority named', () => url('sslmode=verify-full'), /signed by none that is trusted.*sslrootcert=FILE/],
    ['no authority named, and require', () => url('sslmode=require'), /signed by none that is trusted/],
    [
      'another host than it names',
      () => url(trusting('right.crt'), '127.0.0.1'),
      /its certificate is for another host/,
    ],
    ['a file that is not there', () => url(trusting('none.crt')), /named in the address cannot be read.*none\.crt/],
    ['a file that is no certificate', () => url(trusting('names')), /signed by none that is trusted/],
  ])('%s: one line at once, from the store and for workers', async (_, address, said) => {
    const store = open(address());
    const works = [store.ready(), store.journal.put('k', entry('x')), openDatabase(address())];
    for (const ended of await Promise.allSettled(works)) {
      const error: unknown = ended.status === 'rejected' ? ended.reason : new Error('nothing was refused');
      if (!(error instanceof StoreError || error instanceof ClusterError)) throw error;
      expect(error.message).toMatch(said);
      expect(error.message).not.toContain('\n');
      expect(error.message).not.toContain(server.password);
      expect(error.message).not.toContain(encodeURIComponent(server.password));
    }
  });

  it('a server without TLS is not spoken to in the clear', async () => {
    await tls('off');
    await expect(open(url(trusting('right.crt'))).ready()).rejects.toThrow(/it speaks no TLS.*Turn on `ssl`/);
    await tls('on');
    await open(url(trusting('right.crt'))).ready();
  });

  it('a certificate that the server changes under an open store stops it with one line, and what was kept is there with the right one', async () => {
    const store = open(url(trusting('right.crt')));
    await store.journal.put('before', entry('kept'));
    const original = path('server.crt');
    const used = join(server.data, 'server.crt');
    openssl(
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-out',
      'other.crt',
      '-CA',
      'wrong.crt',
      '-CAkey',
      'wrong.key',
      '-CAcreateserial',
      '-extfile',
      'names',
    );
    copyFileSync(path('other.crt'), used);
    await server.restart();
    await expect(store.journal.put('during', entry('x'))).rejects.toThrow(/signed by none that is trusted/);
    copyFileSync(original, used);
    await server.restart();
    expect(await store.journal.get('before')).toEqual(entry('kept'));
    expect(await store.journal.get('during')).toBeUndefined();
    await store.journal.put('during', entry('y'));
    expect(await store.journal.get('during')).toEqual(entry('y'));
  });
});
