/** Prints every exact law: technique, law, paths visited, milliseconds, distance from the closed form. */
import { exact, totalVariation } from '../src/testing/laws/exact.ts';
import { EXACT_LAWS } from './exact-laws.ts';

const row = (cells: readonly string[]): void =>
  console.log(
    [16, 52, 7, 6, 9].map((width, i) => (i < 2 ? cells[i]?.padEnd(width) : cells[i]?.padStart(width))).join(' '),
  );

row(['technique', 'law', 'paths', 'ms', 'TV']);
let broken = 0;
for (const { technique, law, model, expected, holds, outcome } of EXACT_LAWS) {
  const start = performance.now();
  const distribution = await exact(model, 'question', { outcome });
  const ms = performance.now() - start;
  const distance = totalVariation(distribution, await expected());
  const good = holds ? distance <= 1e-12 : distance > 1e-3;
  if (!good) broken++;
  row([technique, good ? law : `BROKEN ${law}`, String(distribution.paths), ms.toFixed(0), distance.toExponential(1)]);
}
console.log(`${EXACT_LAWS.length - broken} of ${EXACT_LAWS.length} hold ("no law" rows must differ)`);
process.exitCode = broken === 0 ? 0 : 1;
