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

  -- What is worked on. The spec is what a worker needs to do any of its units.
  CREATE TABLE plusx_cluster.runs (
    name text PRIMARY KEY, serial bigint GENERATED ALWAYS AS IDENTITY, spec text NOT NULL, priority integer NOT NULL DEFAULT 0, state text NOT NULL DEFAULT 'running',
    total integer NOT NULL DEFAULT 0, created timestamptz NOT NULL DEFAULT now(), changed timestamptz NOT NULL DEFAULT now()
  );
  -- What became of a unit, once: kept until the coordinator has it and the run is over.
  CREATE TABLE plusx_cluster.results (
    run text NOT NULL, unit text NOT NULL, status text NOT NULL, result text NOT NULL, worker text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (run, unit)
  );
  -- How often a unit that was there when workers ended has been started with nothing beside it.
  CREATE TABLE plusx_cluster.suspects (run text NOT NULL, unit text NOT NULL, started integer NOT NULL, PRIMARY KEY (run, unit));
  CREATE TABLE plusx_cluster.workers (
    id text PRIMARY KEY, place text NOT NULL, running integer NOT NULL, done integer NOT NULL,
    seen timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  -- Why a worker does not work on a run: a model that is not there, another task under the same name.
  CREATE TABLE plusx_cluster.declined (run text NOT NULL, worker text NOT NULL, why text NOT NULL, PRIMARY KEY (run, worker));
END IF;
-- What of a share is spent: the rest of it is in flight, or set aside. Tables of before have no such columns, and may be another role's.
IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'plusx_cluster.shares'::regclass AND attname = 'spent_calls') THEN
  ALTER TABLE plusx_cluster.shares ADD COLUMN spent_calls float8 NOT NULL DEFAULT 0,
    ADD COLUMN spent_tokens float8 NOT NULL DEFAULT 0, ADD COLUMN spent_usd float8 NOT NULL DEFAULT 0;
END IF;
END $$;
`;
