/** Builds the pages into the package. Also what `npm run studio` serves while they are worked on. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
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
