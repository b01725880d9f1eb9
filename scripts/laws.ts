/**
 * Prints the law of every technique, or of those named: technique, law, paths visited, milliseconds, distance from the closed
 * form. `npm run laws -- bestOfN tilt`.
 */
import { laws } from '../src/laws.ts';
import { verify } from '../src/testing/laws/technique-law.ts';

const row = (cells: readonly string[]): void =>
  console.log(
    [24, 64, 7, 6, 9].map((width, i) => (i < 2 ? cells[i]?.padEnd(width) : cells[i]?.padStart(width))).join(' '),
  );

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !laws.some(({ technique }) => technique === name));
if (unknown.length > 0) throw new Error(`no law of ${unknown.join(', ')}`);

row(['technique', 'law', 'paths', 'ms', 'TV']);
let kept = 0;
let all = 0;
for (const { technique, exact } of laws.filter((law) => wanted.length === 0 || wanted.includes(law.technique)))
  for (const law of exact) {
    const start = performance.now();
    const verdict = await verify(law);
    const ms = performance.now() - start;
    all++;
    if (verdict.kept) kept++;
    const said = law.holds ? law.law : `no law: ${law.law}`;
    row([
      technique,
      verdict.kept ? said : `BROKEN ${said}`,
      String(verdict.paths),
      ms.toFixed(0),
      verdict.distance.toExponential(1),
    ]);
  }
console.log(`${kept} of ${all} hold, of ${laws.length} techniques ("no law" rows must differ)`);
process.exitCode = kept === all ? 0 : 1;
