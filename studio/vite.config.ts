/** Builds the pages into the package. Also what `npm run studio` serves while they are worked on. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // A worker is one file, so that an exported page can hold it.
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  build: {
    outDir: '../dist/studio/page',
    emptyOutDir: true,
    target: 'es2024',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 300,
    reportCompressedSize: false,
  },
  server: { proxy: { '/studio/api': 'http://127.0.0.1:8080' } },
});
