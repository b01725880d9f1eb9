/** A coordinator of made-up units: `unit-coordinator.ts ADDRESS RUN SPEC UNITS PRIORITY`. It prints each result on a line, as it comes. */
import { openDatabase } from '../database.ts';
import { coordinate } from '../coordinator.ts';
import { openQueue } from '../queue.ts';

const [address = '', run = '', spec = '{}', units = '0', priority = '0'] = process.argv.slice(2);
const database = await openDatabase(address, { patienceMs: 60_000 });
const queue = await openQueue(database);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('stopped')));
try {
  await coordinate(database, queue, {
    run,
    spec,
    units: Array.from({ length: Number(units) }, (_, i) => `unit ${i}`),
    priority: Number(priority),
    signal: stop.signal,
    onResult: ({ unit, status, result }) => void process.stdout.write(`${unit}\t${status}\t${result}\n`),
    onIdle: (why) => void process.stderr.write(`${why}\n`),
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
await queue.close();
await database.close();
