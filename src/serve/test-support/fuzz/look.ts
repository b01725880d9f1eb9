/** Requests that nobody should send, to a server of ours, and what is wrong with its replies. */
import { Agent, request as send } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { enumerable } from '../../../models/written/index.ts';
import { openaiCompatible } from '../../../models/openai/index.ts';
import { listen } from '../../listen.ts';
import { chance } from '../faults/chance.ts';
import { faultyUpstream } from '../faults/upstream.ts';
import type { Grammar } from './grammar.ts';
import { fuzzed, type FuzzedRequest } from './requests.ts';

export interface Fuzzed {
  readonly requests: number;
  /** Replies by status. */
  readonly statuses: { readonly [status: string]: number };
  /** Codes of the refusals. */
  readonly codes: readonly string[];
  /** Megabytes of the heap, at a third and at the end, after what nobody needs was thrown away. */
  readonly heap: readonly [third: number, end: number];
  readonly wrong: readonly string[];
}

/** Statuses of a request that is right and ends at a limit of its own. */
const OWN_LIMIT = new Set(['deadline_exceeded', 'budget_exceeded']);

export async function fuzz(
  grammar: Grammar,
  { requests, seed, from = 0 }: { readonly requests: number; readonly seed: string | number; readonly from?: number },
): Promise<Fuzzed> {
  const upstream = await faultyUpstream({ fault: undefined, share: 0, chance: chance(seed), latencyMs: 0 });
  const m = openaiCompatible({ model: 'real', name: 'm', baseURL: upstream.url, quirks: { n: false } });
  const two = enumerable({ name: 'two', answers: { '*': { 'The answer is 4.': 2, 'The answer is 5.': 1 } } });
  const server = await listen({
    port: 0,
    models: { m, two },
    limits: { calls: 60, ms: 10_000 },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const statuses: { [status: string]: number } = {};
  const codes = new Set<string>();
  const wrong: string[] = [];
  let next = from;
  const until = async (end: number): Promise<void> => {
    const client = async (): Promise<void> => {
      while (next < end) {
        const number = next++;
        const request = fuzzed(grammar, seed, number);
        const reply = await hear(server.port, agent, request).catch((error: unknown) => String(error));
        if (typeof reply === 'string') {
          wrong.push(`${number}: ${reply}`);
          continue;
        }
        statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
        const { code, why } = judged(reply);
        if (code !== undefined) codes.add(code);
        if (why !== undefined)
          wrong.push(
            `${number}: ${why}: ${reply.status} ${reply.text.slice(0, 300)} to ${request.body.toString().slice(0, 300)}`,
          );
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
  };
  try {
    await until(from + Math.floor(requests / 3));
    const third = heapMegabytes();
    await until(from + requests);
    const end = heapMegabytes();
    const health = await fetch(`http://127.0.0.1:${server.port}/healthz`);
    if (health.status !== 200) wrong.push(`and then /healthz says ${health.status}`);
    return { requests, statuses, codes: [...codes].toSorted(), heap: [third, end], wrong };
  } finally {
    agent.destroy();
    await server.close(0);
    await upstream.close();
  }
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function hear(port: number, agent: Agent, { method, path, headers, body }: FuzzedRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no reply within 20 s')), 20_000);
    const request = send(
      { host: '127.0.0.1', port, agent, method, path, headers: { ...headers, 'content-length': body.length } },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          clearTimeout(timer);
          const text = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** What is wrong with a reply; nothing where it is an answer, or a 4xx in the form of every error. */
function judged({ status, type, text }: Reply): { readonly code?: string | undefined; readonly why?: string } {
  if (status === 200) return {};
  let told: unknown;
  try {
    told = (JSON.parse(text) as { error?: unknown }).error;
  } catch {
    return { why: 'no JSON' };
  }
  const error = (typeof told === 'object' && told !== null ? told : {}) as { readonly [field: string]: unknown };
  const code = typeof error['code'] === 'string' ? error['code'] : undefined;
  const isWhole = Object.keys(error).join() === 'message,type,param,code' && typeof error['message'] === 'string';
  if (!isWhole || !type.startsWith('application/json')) return { code, why: 'an error in another form' };
  const isOurs = status >= 400 && status < 500;
  return isOurs || OWN_LIMIT.has(code ?? '') ? { code } : { code, why: 'a status that is no 4xx' };
}

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

function heapMegabytes(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}
