import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { noPostgres, postgres, type Postgres } from './postgres.ts';

let server: Postgres | undefined;
afterAll(() => server?.close());

describe.skipIf(noPostgres !== undefined)(`a PostgreSQL of its own${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  it('keeps what was committed through an end in good order and through crashes, and deletes its files', async () => {
    server = await postgres({ fsync: true });
    await server.sql("CREATE TABLE kept (text TEXT); INSERT INTO kept VALUES ('one')");
    await server.restart();
    await server.sql("INSERT INTO kept VALUES ('two')");
    await server.crash();
    await expect(server.sql('SELECT 1')).rejects.toThrow(/psql/);
    await server.start();
    await server.sql("INSERT INTO kept VALUES ('three')");
    await server.kill();
    await expect(server.sql('SELECT 1')).rejects.toThrow(/psql/);
    await server.start();
    expect(await server.sql('SELECT string_agg(text, $$,$$ ORDER BY text) FROM kept')).toBe('one,three,two');
    await server.kill();
    await server.close();
    expect(existsSync(server.data)).toBe(false);
  });
});
