/** Builds the pages into the package. Also what `npm run studio` serves while they are worked on. */
import { defineConfig, type Plugin } from 'vite';

/** The weights are asked of the server when they are needed, so no copy of them is built into the pages. */
const weightsApart = (): Plugin => {
  const own = "new URL('../../training/release/tiny.plusx', import.meta.url)";
  return {
    name: 'weights-apart',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/tiny\/load\.ts$/ },
      handler(code) {
        if (!code.includes(own)) throw new Error('The address of the weights is written in another way.');
        return code.replace(own, "new URL('weights', location.href)");
      },
    },
  };
};

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  plugins: [weightsApart()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // A worker is one file, so that an exported page can hold it.
  worker: { format: 'es', plugins: () => [weightsApart()], rolldownOptions: { output: { codeSplitting: false } } },
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
