import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['src/**/*.slow.test.ts', 'node_modules/**', 'dist/**'],
    setupFiles: ['vitest.setup.ts'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
});
