/** `plusx models`: the names that --model knows. */
import type { Models } from '../../config/models.ts';
import { shownAddress } from '../../core/calls/secrets.ts';
import { BUILT_IN, modelsOf, SERVER, TINY } from '../compose/names.ts';
import { served } from '../compose/server.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { oneLine, padEnd, width, wrap } from '../terminal/text.ts';

export interface Listed {
  readonly name: string;
  readonly about: string;
  /** Whether it can be used now. */
  readonly ready: boolean;
  /** What it waits for. */
  readonly needs: string | undefined;
  /** Listed prices of it, or of the models in its formula. */
  readonly prices?: readonly ListedAt[] | undefined;
}

/** US dollars for a million tokens, as a list has them. */
interface ListedAt {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  readonly cachedInput: number | undefined;
  readonly cacheWriteInput: number | undefined;
  readonly date: string;
  readonly source: string;
}

export interface ModelsOptions {
  readonly json?: true | undefined;
  /** A file of prices by model. */
  readonly prices?: string | undefined;
}

export async function listModels({ json, prices }: ModelsOptions, terminal: Terminal): Promise<number> {
  const models = await listed(terminal, await modelsOf(terminal, { prices }));
  if (json) writeJson(terminal, models);
  else terminal.out.write(`${shown(models, terminal)}\n`);
  return EXIT.good;
}

async function listed({ env, signal, loaded }: Terminal, models: Models): Promise<Listed[]> {
  const { PROVIDERS } = await import('../../models/openai/index.ts');
  const providers = Object.entries(PROVIDERS).map(([name, { baseURL, key, keyOptional, url }]): Listed => {
    const ready = keyOptional === true || Boolean(env[key]);
    const about = `${shownAddress(env[url] || baseURL)}${keyOptional ? `, or the address in ${url}` : ''}`;
    return { name: `${name}/MODEL`, about, ready, needs: ready ? undefined : key };
  });
  const llama = await import('../../models/gguf/index.ts')
    .then(({ llamaLibrary }) => llamaLibrary())
    .then(
      () => true,
      () => false,
    );
  const own = models.listed.map(({ name, about, models: parts }): Listed => {
    return { name, about, ready: true, needs: undefined, prices: parts.flatMap((part) => priceIn(part, models) ?? []) };
  });
  const configured = Object.entries(loaded?.config.providers ?? {}).map(([name, provider]): Listed => {
    const about = 'package' in provider ? `the package ${provider.package}` : (provider.baseURL ?? 'as configured');
    return { name: `${name}/MODEL`, about, ready: true, needs: undefined };
  });
  return [
    ...own,
    ...configured,
    {
      name: BUILT_IN,
      about: 'a small written distribution over sums, exact: see plusx demo',
      ready: true,
      needs: undefined,
    },
    {
      name: TINY,
      about: 'the embedded language model: restricted English, no key, no network',
      ready: true,
      needs: undefined,
    },
    {
      name: 'pool:FILE',
      about: 'recorded samples of a model, drawn again; costs nothing',
      ready: true,
      needs: undefined,
    },
    { name: 'recorded:FILE', about: 'recorded calls of a model, replayed', ready: true, needs: undefined },
    {
      name: 'gguf:FILE',
      about:
        'a local model file, run in this process by node-llama-cpp; or an address, hf:USER/REPO:QUANT or https://...',
      ready: llama,
      needs: llama ? undefined : LLAMA,
    },
    ...STARTERS.map(([name, about]): Listed => {
      return { name, about: `${about}; fetched once`, ready: llama, needs: llama ? undefined : LLAMA };
    }),
    ...(await onServer(env, signal, models)),
    ...providers.filter(({ name }) => !configured.some((one) => one.name === name)),
    {
      name: 'ai-sdk:PACKAGE/MODEL',
      about: 'a provider package of the AI SDK in this folder, such as ai-sdk:@ai-sdk/anthropic/claude-sonnet-4-5',
      ready: true,
      needs: undefined,
    },
  ];
}

const LLAMA = 'npm i node-llama-cpp';

/** Small instruct models to begin with. */
const STARTERS = [
  [
    'gguf:hf:bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M',
    'SmolLM2 of 135M parameters, to try things out: 105 MB, Apache-2.0',
  ],
  ['gguf:hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q4_K_M', 'Qwen2.5 of 0.5B parameters: about 0.5 GB, Apache-2.0'],
  [
    'gguf:hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M',
    'Qwen2.5 of 1.5B parameters, for sums and steps: about 1.1 GB, Apache-2.0',
  ],
] as const;

/** What a list says of a model. */
function priceIn(model: string, { priceOf }: Models): ListedAt | undefined {
  const found = priceOf(model);
  if (!found) return undefined;
  const { price, date, source } = found;
  const million = (dollars: number): number => Number((dollars * 1e6).toPrecision(12));
  return {
    model,
    input: million(price.input),
    output: million(price.output),
    cachedInput: price.cachedInput === undefined ? undefined : million(price.cachedInput),
    cacheWriteInput: price.cacheWriteInput === undefined ? undefined : million(price.cacheWriteInput),
    date,
    source,
  };
}

/** The models of PLUSX_BASE_URL by name, where it answers. */
async function onServer(env: Terminal['env'], signal: AbortSignal, models: Models): Promise<Listed[]> {
  const any = { name: `${SERVER}/MODEL`, about: 'any server that speaks the OpenAI protocol', ready: false };
  if (!env['PLUSX_BASE_URL']) return [{ ...any, needs: 'PLUSX_BASE_URL' }];
  try {
    const ids = await served(env, signal);
    return ids.map((id) => ({
      name: `${SERVER}/${id}`,
      about: 'at PLUSX_BASE_URL',
      ready: true,
      needs: undefined,
      prices: [priceIn(`${SERVER}/${id}`, models) ?? []].flat(),
    }));
  } catch (error) {
    return [{ ...any, needs: error instanceof Error ? error.message : String(error) }];
  }
}

function priceLine({ model, input, output, cachedInput, date }: ListedAt): string {
  const cached = cachedInput === undefined ? '' : `, $${cachedInput} cached`;
  return `${model}: $${input} in, $${output} out${cached} for a million tokens (${date})`;
}

/** Longer names stand on a line of their own. */
const LONGEST_BESIDE = 22;

function shown(models: readonly Listed[], { out }: Terminal): string {
  const names = Math.min(LONGEST_BESIDE, Math.max(...models.map(({ name }) => width(oneLine(name)))));
  const indent = ' '.repeat(names + 4);
  const lines = models.map(({ name, about, ready, needs, prices = [] }) => {
    const mark = ready ? out.paint('green', '●') : out.paint('dim', '○');
    const text = wrap(
      oneLine([`${about}${needs === undefined ? '' : ` (${needs})`}`, ...prices.map(priceLine)].join('; ')),
      Math.max(20, out.columns - names - 5),
    );
    const heading = `${mark} ${out.paint('cyan', padEnd(oneLine(name), names))}`;
    const between = width(oneLine(name)) > names ? `\n${indent}` : '  ';
    return `${heading}${between}${text.replaceAll('\n', `\n${indent}`)}`;
  });
  return [...lines, '', out.paint('dim', '● can be used now   ○ waits for what stands in brackets')].join('\n');
}
