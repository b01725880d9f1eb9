/**
 * The server while things go wrong, at length: `node scripts/soak/serve.ts [--requests 2000] [--fuzzed 20000] [--seed 1] [--only reset]`. It
 * writes docs/measurements/serve-faults.md, prints what is wrong and fails where anything is.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ENDINGS, ending, type Ended } from '../../src/serve/test-support/faults/processes.ts';
import { FAULTS, trial, type Trial } from '../../src/serve/test-support/faults/trial.ts';
import { ownGrammar, publishedGrammar } from '../../src/serve/test-support/fuzz/grammar.ts';
import { fuzz, type Fuzzed } from '../../src/serve/test-support/fuzz/look.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    fuzzed: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const { seed, only } = values;
const requests = Number(values.requests);
const isWanted = (what: string): boolean => only === undefined || only === what;

const rows: (Trial | Ended)[] = [];
const wrong: string[] = [];
const tell = (what: string, found: readonly string[]): void => {
  wrong.push(...found);
  console.log(`${what}: ${found.length === 0 ? 'nothing wrong' : `${found.length} wrong`}`);
  for (const one of found.slice(0, 10)) console.log(`  ${one}`);
};
for (const fault of FAULTS.filter(isWanted)) {
  const row = await trial({ fault, requests, seed });
  rows.push(row);
  tell(fault, row.wrong);
}
for (const fault of ENDINGS.filter(isWanted)) {
  const row = await ending(fault, { requests, seed });
  rows.push(row);
  tell(fault, row.wrong);
}
let fuzzed: Fuzzed | undefined;
const grammar = publishedGrammar();
if (isWanted('fuzzed')) {
  fuzzed = await fuzz(grammar ?? ownGrammar(), { requests: Number(values.fuzzed), seed });
  tell('fuzzed', fuzzed.wrong);
}
if (only === undefined && fuzzed)
  writeFileSync(join(import.meta.dirname, '../../docs/measurements/serve-faults.md'), page(rows, fuzzed));
if (wrong.length > 0) process.exitCode = 1;

function page(all: readonly (Trial | Ended)[], { statuses, codes, heap: [third, end] }: Fuzzed): string {
  const count = (value: number): string => value.toLocaleString('en');
  const lines = all.map(
    ({ fault, requests: sent, answered, refused, codes: said, left, calls, tokens, wrong: found }) =>
      `| ${[fault, count(sent), count(answered), count(refused), said.map((code) => `\`${code}\``).join(', '), count(left), count(calls), count(tokens), count(found.length)].join(' | ')} |`,
  );
  return `# The server while things go wrong

Written by \`npm run soak:serve -- --requests ${requests} --fuzzed ${values.fuzzed} --seed ${seed}\`. A quarter of the requests each is handed on, handed
on as a stream, a vote of three, and a vote of three as a stream. The upstream knows one right answer to each question and keeps
books; three replies of ten go wrong (one of ten where a wait is asked for). In the last three rows the server is a process of its own:
asked to end half way, killed three times and started again, and four of it on one store with a budget that is too small.

| what goes wrong | requests | answered | refused | with | left or met by nobody | calls upstream | tokens upstream | wrong |
|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}

Wrong would be: no reply, a reply that is cut off, an answer that is not the right one, a stream that ends in good form after a failure, an
error in another form than every error or one of the server itself (\`internal_error\`); more than one call upstream for a request that is handed
on, more than three tries for a call of a vote; an account that differs by a token from what the upstream's books have for the
request, or by a call from those that were answered; less on the account of the key than the upstream gave; more than its budget; calls
upstream, reservations, sockets or timers that are left afterwards; an exit code other than 0 after SIGTERM. A client that leaves does so
at seven stages, from a connection without a byte to the first bytes of a reply. A disk that is full refuses requests of keys with a
budget. The clock of the day jumps by up to two days to either side every 20 ms.

## Requests that nobody should send

${count(Number(values.fuzzed))} requests are made by a grammar (${grammar ? "OpenAI's published description" : 'our own'}: chats, responses, completions, embeddings), two thirds of them
as they are, with values of another kind here and there, and one third with bytes changed, left out, doubled or moved.

| status | replies |
|---|---|
${Object.entries(statuses)
  .map(([status, replies]) => `| ${status} | ${count(replies)} |`)
  .join('\n')}

Codes: ${codes.map((code) => `\`${code}\``).join(', ')}. Wrong: ${count(wrong.length)}, which would be a 5xx, an error in another form, or no reply. The heap had
${third.toFixed(1)} MB after a third of them and ${end.toFixed(1)} MB at the end.

The slow suite looks at some hundreds of each: \`src/serve/hostile\`.
`;
}
