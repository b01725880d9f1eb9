/** `plusx models`: the names that --model knows. */
import { shownAddress } from '../../core/calls/secrets.ts';
import { BUILT_IN, TINY, SERVER } from '../compose/names.ts';
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
}

export async function listModels({ json }: { readonly json?: true }, terminal: Terminal): Promise<number> {
  const models = await listed(terminal);
  if (json) writeJson(terminal, models);
  else terminal.out.write(`${shown(models, terminal)}\n`);
  return EXIT.good;
}

async function listed({ env, signal }: Terminal): Promise<Listed[]> {
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
  return [
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
      about: 'a local model file, run in this process by node-llama-cpp',
      ready: llama,
      needs: llama ? undefined : 'npm i node-llama-cpp',
    },
    ...(await onServer(env, signal)),
    ...providers,
  ];
}

/** The models of PLUSX_BASE_URL by name, where it answers. */
async function onServer(env: Terminal['env'], signal: AbortSignal): Promise<Listed[]> {
  const any = { name: `${SERVER}/MODEL`, about: 'any server that speaks the OpenAI protocol', ready: false };
  if (!env['PLUSX_BASE_URL']) return [{ ...any, needs: 'PLUSX_BASE_URL' }];
  try {
    const ids = await served(env, signal);
    return ids.map((id) => ({ name: `${SERVER}/${id}`, about: 'at PLUSX_BASE_URL', ready: true, needs: undefined }));
  } catch (error) {
    return [{ ...any, needs: error instanceof Error ? error.message : String(error) }];
  }
}

function shown(models: readonly Listed[], { out }: Terminal): string {
  const names = Math.max(...models.map(({ name }) => width(oneLine(name))));
  const indent = ' '.repeat(names + 4);
  const lines = models.map(({ name, about, ready, needs }) => {
    const mark = ready ? out.paint('green', '●') : out.paint('dim', '○');
    const text = wrap(
      oneLine(`${about}${needs === undefined ? '' : ` (${needs})`}`),
      Math.max(20, out.columns - names - 5),
    );
    return `${mark} ${out.paint('cyan', padEnd(oneLine(name), names))}  ${text.replaceAll('\n', `\n${indent}`)}`;
  });
  return [...lines, '', out.paint('dim', '● can be used now   ○ waits for what stands in brackets')].join('\n');
}
