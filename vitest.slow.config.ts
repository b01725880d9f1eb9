import { defineConfig } from 'vitest/config';

/** Suites that start many processes or measure for longer than a person waits: `npm run test:slow`. */
export default defineConfig({
  test: {
    include: ['src/**/*.slow.test.ts'],
    setupFiles: ['vitest.setup.ts'],
    testTimeout: 240_000,
    // A hook may start programs.
    hookTimeout: 240_000,
    maxWorkers: 2,
    maxConcurrency: 2,
  },
});
