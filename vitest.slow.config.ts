import { defineConfig } from 'vitest/config';
import { noPgBouncer } from './src/store/test-support/pgbouncer.ts';
import { noPgvector } from './src/store/test-support/pgvector.ts';
import { noPostgres } from './src/store/test-support/postgres.ts';

if (noPostgres !== undefined) console.log(`The tests of the store on PostgreSQL are ${noPostgres}`);
else {
  if (noPgBouncer !== undefined) console.log(`Those through PgBouncer are ${noPgBouncer}`);
  if (noPgvector !== undefined) console.log(`Those with pgvector are ${noPgvector}`);
}

/** Suites that start many processes or measure for longer than a person waits: `npm run test:slow`. */
export default defineConfig({
  test: {
    setupFiles: ['vitest.setup.ts'],
    testTimeout: 240_000,
    // A hook may start programs.
    hookTimeout: 240_000,
    maxWorkers: 2,
    maxConcurrency: 2,
    projects: [
      { extends: true, test: { name: 'slow', include: ['src/**/*.slow.test.ts'] } },
      // The tests of the store that are the same for both databases, on a server.
      ...(noPostgres === undefined
        ? [
            {
              extends: true as const,
              test: {
                name: 'PostgreSQL',
                include: [
                  'store',
                  'memory',
                  'names',
                  'resume',
                  'runs/work',
                  'keys/keys',
                  'care/care',
                  'journal/model-states',
                ].map((name) => `src/store/${name}.test.ts`),
                provide: { store: 'postgres' as const },
              },
            },
          ]
        : []),
      ...(noPgBouncer === undefined
        ? [
            {
              extends: true as const,
              test: {
                name: 'PgBouncer',
                include: ['store', 'runs/work', 'keys/keys'].map((name) => `src/store/${name}.test.ts`),
                provide: { store: 'pgbouncer' as const },
              },
            },
          ]
        : []),
      ...(noPgvector === undefined
        ? [
            {
              extends: true as const,
              test: {
                name: 'pgvector',
                include: ['memory', 'care/care'].map((name) => `src/store/${name}.test.ts`),
                provide: { store: 'pgvector' as const },
              },
            },
          ]
        : []),
    ],
  },
});
