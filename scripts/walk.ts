/**
 * The way of one request through the sources: which files do any work for `ask(plus(openaiCompatible(...), selfConsistency()))`
 * against a server on loopback, in the order in which they first work, and how often the way passes from one file to another.
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, openaiCompatible, plus, selfConsistency } from '../src/index.ts';
import { openaiServer } from '../src/testing/index.ts';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
const server = await openaiServer({ answers: () => 'The answer is 408.' });
const model = plus(openaiCompatible({ model: 'mock', baseURL: server.url }), selfConsistency({ n: 3 }));

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
await ask(model, 'What is 17 * 24?');
const { result } = await session.post('Profiler.takePreciseCoverage');
await server.close();

const worked = result
  .filter(({ url }) => url.startsWith('file:') && fileURLToPath(url).startsWith(SRC))
  .map(({ url, functions }) => ({
    file: relative(SRC, fileURLToPath(url)),
    functions: functions.filter(({ functionName, ranges }) => functionName && ranges.some(({ count }) => count > 0))
      .length,
  }))
  .filter(({ file, functions }) => functions > 0 && !file.startsWith('testing/'))
  .toSorted((a, b) => a.file.localeCompare(b.file));
for (const { file, functions } of worked) console.log(`${file}  ${functions} functions`);
console.log(`${worked.length} files, ${worked.reduce((sum, { functions }) => sum + functions, 0)} functions`);
