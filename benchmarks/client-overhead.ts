/** What the client and the core cost on top of the bare minimum: raw fetch, and a plain function call. */
import { plus, rootScope, user, type Request } from '../src/core/index.ts';
import { enumerable } from '../src/models/written/index.ts';
import { openaiCompatible } from '../src/models/openai/index.ts';
import { selfConsistency } from '../src/search/index.ts';
import { openaiServer } from '../src/testing/servers/openai-server.ts';

const ROUNDS = 60;
const DRAWS = 5;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function overServer(): Promise<void> {
  const server = await openaiServer({ latencyMs: 50, answers: { yes: 0.7, no: 0.3 } });
  const base = openaiCompatible({ model: 'm', baseURL: server.url, quirks: { n: false } });
  const model = plus(base, selfConsistency({ n: DRAWS }));
  const request: Request = { prompt: [user('Is it?')] };
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Is it?' }], seed: 1 });
  const raw = (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: DRAWS }, async () => {
        const response = await fetch(`${server.url}/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        return response.json();
      }),
    );
  const ours = async (): Promise<void> => {
    const { context, close } = rootScope();
    await model.sample(request, context);
    close();
  };
  const times: { readonly raw: number[]; readonly ours: number[] } = { raw: [], ours: [] };
  // In turns, so that both meet the same machine.
  for (let round = 0; round < ROUNDS + 5; round++) {
    const pair = [await timed(raw), await timed(ours)] as const;
    if (round < 5) continue;
    times.raw.push(pair[0]);
    times.ours.push(pair[1]);
  }
  await server.close();
  const [a, b] = [median(times.ours), median(times.raw)];
  console.log(
    `selfConsistency(n=${DRAWS}) at 50 ms upstream, p50 of ${ROUNDS}: ${a.toFixed(1)} ms, ${DRAWS} parallel raw fetches ${b.toFixed(1)} ms, ratio ${(a / b).toFixed(3)}`,
  );
}

async function overFunction(): Promise<void> {
  const model = enumerable({ answers: { '*': { yes: 0.7, no: 0.3 } } });
  const request: Request = { prompt: [user('Is it?')] };
  const calls = 20_000;
  const { context, close } = rootScope();
  const run = async (): Promise<void> => {
    for (let i = 0; i < calls; i++) await model.sample(request, context);
  };
  await run();
  const ms = await timed(run);
  close();
  console.log(`core around one call of an enumerable model: ${((ms * 1000) / calls).toFixed(1)} µs`);
}

await overServer();
await overFunction();
