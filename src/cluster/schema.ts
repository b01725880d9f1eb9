/** The tables that workers share. They are small: one row a run, a limit, a worker; a result stays until its run is done. */

export const SCHEMA_VERSION = 1;

/** What makes them, safe to run by several at once: the lock holds until the statement is over. */
export const SCHEMA = `
SELECT pg_advisory_xact_lock(hashtextextended('plusx_cluster', 0));
DO $$ BEGIN
IF to_regclass('plusx_cluster.versions') IS NULL THEN
  CREATE SCHEMA IF NOT EXISTS plusx_cluster;
  CREATE TABLE plusx_cluster.versions (version integer PRIMARY KEY);
  INSERT INTO plusx_cluster.versions VALUES (${SCHEMA_VERSION});

  -- What a run may take in all, and what its workers hold of it together: spent, in flight, or set aside for their next calls.
  CREATE TABLE plusx_cluster.budgets (
    name text PRIMARY KEY,
    calls_limit float8, tokens_limit float8, usd_limit float8,
    calls float8 NOT NULL DEFAULT 0, tokens float8 NOT NULL DEFAULT 0, usd float8 NOT NULL DEFAULT 0,
    hungry timestamptz NOT NULL DEFAULT '-infinity'
  );
  -- What one worker holds of it. Where is_open, some of it may still be given back, unless the lease has run out.
  CREATE TABLE plusx_cluster.shares (
    budget text NOT NULL, holder text NOT NULL,
    calls float8 NOT NULL, tokens float8 NOT NULL, usd float8 NOT NULL,
    is_open boolean NOT NULL, until timestamptz NOT NULL,
    PRIMARY KEY (budget, holder)
  );
  -- When the next call of a provider may start.
  CREATE TABLE plusx_cluster.rates (name text PRIMARY KEY, next timestamptz NOT NULL);
  -- The places of a provider, each free or lent until a time.
  CREATE TABLE plusx_cluster.places (
    name text NOT NULL, place integer NOT NULL, holder text, until timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (name, place)
  );
END IF;
END $$;
`;
