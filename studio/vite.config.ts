/** Builds the pages into the package. Also what `npm run studio` serves while they are worked on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { COLOURS, LETTERS } from '../src/evaluate/picture/look.ts';

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

/** As many as the server shows of a task. */
const MOST_QUESTIONS = 50;

/** The first questions of the tasks of the embedded model, for a page that has no server. */
const questions = (): Plugin => {
  const name = 'virtual:tiny-questions';
  const file = join(import.meta.dirname, '../training/release/questions.jsonl.gz');
  return {
    name: 'tiny-questions',
    resolveId: { filter: { id: /^virtual:tiny-questions$/ }, handler: (id) => `\0${id}` },
    load: {
      filter: { id: /^\0virtual:tiny-questions$/ },
      handler() {
        const tasks: { [task: string]: { id: string; question: string; expected: string }[] } = {};
        for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean)) {
          const { task, id, input, expected } = JSON.parse(line) as { readonly [field: string]: string };
          if (task === undefined || input === undefined) continue; // a note or a page
          const all = (tasks[`tiny:${task}`] ??= []);
          if (all.length < MOST_QUESTIONS) all.push({ id: String(id), question: input, expected: String(expected) });
        }
        if (Object.keys(tasks).length === 0) throw new Error(`${file} has no questions for ${name}.`);
        return `export const questions = JSON.parse(${JSON.stringify(JSON.stringify(tasks))});`;
      },
    },
  };
};

/** The pages have the colours and the letters of the pictures that plusx draws. */
const look = (): Plugin => {
  const known = new Map<string, string>([
    ...Object.entries(COLOURS).map(([name, [light, dark]]) => [name, `light-dark(${light}, ${dark})`] as const),
    ['letters', LETTERS],
  ]);
  return {
    name: 'look',
    enforce: 'pre',
    transform: {
      filter: { id: /\/look\/base\.css$/ },
      handler: (code) =>
        code.replaceAll(/var\(--picture-(\w+)\)/g, (_, name: string) => {
          const found = known.get(name);
          if (found === undefined) throw new Error(`The pictures have no ${name}.`);
          return found;
        }),
    },
  };
};

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  plugins: [weightsApart(), questions(), look()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // A worker is one file, so that an exported page can hold it.
  worker: {
    format: 'es',
    plugins: () => [weightsApart(), questions()],
    rolldownOptions: { output: { codeSplitting: false } },
  },
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
