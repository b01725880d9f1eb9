/** The configuration file: where it is, and what stands in it. */
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cleanText } from '../core/calls/secrets.ts';
import { CONFIG_BYTES } from '../core/bounds.ts';
import { readBounded } from './files.ts';
import { ConfigError } from './read.ts';
import type { Defaults, PlusxConfig, TaskConfig } from './schema.ts';
import type { ServeConfig } from './serve.ts';

/** The names of the file, in the order in which they are looked for. */
export const CONFIG_FILES = [
  'plusx.config.ts',
  'plusx.config.mts',
  'plusx.config.js',
  'plusx.config.mjs',
  'plusx.config.json',
];

export interface LoadedConfig {
  /** Where it was read. */
  readonly file: string;
  /** Its folder: what it names by a relative path, and packages, are looked for from there. */
  readonly folder: string;
  /** Checked. Paths in `defaults`, `tasks`, `prices`, `serve` and `imports` are absolute. */
  readonly config: PlusxConfig;
}

export interface LoadConfigOptions {
  /** The file. Default: the nearest one, from `folder` upwards. */
  readonly file?: string | undefined;
  /** Default: the current folder. */
  readonly folder?: string | undefined;
}

/**
 * Reads the configuration of a folder: the nearest `plusx.config.ts` or `.json` from there upwards, or the file that is named.
 * A `.ts` file is a program and is run; a `.json` file runs nothing. Resolves to nothing where there is none. Throws ConfigError.
 */
export async function loadConfig({ file, folder = '.' }: LoadConfigOptions = {}): Promise<LoadedConfig | undefined> {
  const found = file === undefined ? await findConfig(resolve(folder)) : resolve(folder, file);
  if (found === undefined) return undefined;
  const value = found.endsWith('.json') ? await readJson(found) : await runModule(found);
  const { checkConfig } = await import('./schema.ts'); // most runs find no file
  const config = checkConfig(value, found);
  if (found.endsWith('.json') && config.imports !== undefined)
    throw new ConfigError({
      file: found,
      pointer: '/imports',
      problem: 'cannot be written in JSON, which runs no code',
      hint: 'Use plusx.config.ts, or --import FILE',
    });
  const at = dirname(found);
  return { file: found, folder: at, config: withAbsolutePaths(config, at) };
}

/** The nearest configuration file from a folder upwards. */
async function findConfig(start: string): Promise<string | undefined> {
  const trusted = new Set([0, process.getuid?.(), (await stat(start).catch(() => undefined))?.uid]);
  for (let folder = start; ; folder = dirname(folder)) {
    const found: string[] = [];
    for (const name of CONFIG_FILES) {
      const file = join(folder, name);
      const known = await stat(file).catch(() => undefined);
      if (known?.isFile()) {
        if (!trusted.has(known.uid)) throw foreign(file);
        found.push(file);
      }
    }
    const [first, second] = found;
    if (first !== undefined && second !== undefined)
      throw new ConfigError({
        file: first,
        problem: `stands beside ${second}, and only one of them can hold`,
        hint: 'Delete one, or name one with --config FILE',
      });
    if (first !== undefined) return first;
    if (dirname(folder) === folder) return undefined;
  }
}

/** What belongs neither to the user nor to who owns the current folder was put above it by somebody else, such as into /tmp. */
function foreign(file: string): ConfigError {
  return new ConfigError({
    file,
    problem: 'belongs to another user, so it is not read unasked',
    hint: 'Name it with --config FILE, or leave it out with --no-config',
  });
}

async function readJson(file: string): Promise<unknown> {
  const text = await readBounded(file, CONFIG_BYTES);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = cleanText((error as Error).message, []).replaceAll(/\s+/g, ' ');
    throw new ConfigError({ file, problem: `is no JSON: ${why}` });
  }
}

/** When the modules that were loaded had last been changed. */
const loadedAt = new Map<string, number>();

/** What a module of the user's own exports as its default. It is loaded anew where the file has changed. */
async function runModule(file: string): Promise<unknown> {
  const { mtimeMs } = await stat(file).catch(() => {
    throw new ConfigError({ file, problem: 'no such file' });
  });
  const first = loadedAt.get(file) ?? mtimeMs;
  loadedAt.set(file, first);
  // Node keeps what it has loaded under its address: what changed needs another one.
  const url = `${pathToFileURL(file).href}${mtimeMs === first ? '' : `?changed=${mtimeMs}`}`;
  let loaded: { readonly default?: unknown };
  try {
    const { importShared } = await import('../extend/index.ts');
    loaded = (await importShared(url)) as typeof loaded;
  } catch (error) {
    throw new ConfigError({ file, problem: `cannot be loaded: ${whyNot(error)}`, hint: hintOn(error) });
  }
  if (loaded.default !== undefined) return loaded.default;
  throw new ConfigError({
    file,
    problem: 'has no default export',
    hint: 'Write `export default defineConfig({ ... })`',
  });
}

function whyNot(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return cleanText(message.slice(0, 1000), []).replaceAll(/\s+/g, ' ');
}

function hintOn(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node runs TypeScript whose types can be left out: no enum, no namespace';
  if (code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  return 'Install what it imports in its folder';
}

function withAbsolutePaths(config: PlusxConfig, folder: string): PlusxConfig {
  const { defaults, tasks, prices, imports, serve } = config;
  const list = prices === undefined ? undefined : isList(prices) ? prices : [prices];
  return Object.freeze({
    ...config,
    ...(defaults && { defaults: absoluteDefaults(defaults, folder) }),
    ...(tasks && {
      tasks: Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, absoluteTask(task, folder)])),
    }),
    ...(list && { prices: list.map((one) => (typeof one === 'string' ? absolute(one, folder) : one)) }),
    ...(serve && { serve: absoluteServe(serve, folder) }),
    ...(imports && { imports: imports.map((one) => absoluteModule(one, folder)) }),
  });
}

const isList = (value: unknown): value is readonly (string | object)[] & { length: number } => Array.isArray(value);

function absoluteDefaults({ store, memory, ...rest }: Defaults, folder: string): Defaults {
  return {
    ...rest,
    ...(store !== undefined && { store: absolute(store, folder) }),
    ...(memory !== undefined && { memory: absolute(memory, folder) }),
  };
}

function absoluteServe({ store, memory, logs, ...rest }: ServeConfig, folder: string): ServeConfig {
  return {
    ...rest,
    ...(store !== undefined && { store: absolute(store, folder) }),
    ...(memory !== undefined && { memory: absolute(memory, folder) }),
    ...(logs && { logs: { ...logs, ...(logs.file !== undefined && { file: absolute(logs.file, folder) }) } }),
  };
}

type AnyTask = NonNullable<PlusxConfig['tasks']>[string];

function absoluteTask(task: AnyTask, folder: string): AnyTask {
  if (typeof task === 'string') return absoluteAddress(task, folder);
  return isFileTask(task) ? { ...task, file: absoluteAddress(task.file, folder) } : task;
}

const isFileTask = (task: object): task is TaskConfig => 'file' in task;

/** `gsm8k:FILE`, `pool:FILE` or a file; a name without a dot or a slash, such as `arithmetic`, is none, nor is the address of a file. */
export function absoluteAddress(address: string, folder: string): string {
  const [, scheme = '', file = ''] = /^(\w{2,}:)?(.*)$/s.exec(address) ?? [];
  return scheme !== 'tiny:' && /[./\\]/.test(file) && !/^(?:hf:|https?:)/.test(file)
    ? `${scheme}${absolute(file, folder)}`
    : address;
}

function absolute(path: string, folder: string): string {
  if (/^postgres(?:ql)?:\/\//.test(path)) return path; // a store may be on a server
  const home = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
  return isAbsolute(home) ? home : join(folder, home);
}

/** A module of the folder, or the name of a package, which stays as it is. */
function absoluteModule(name: string, folder: string): string {
  return /^\.{0,2}\//.test(name) ? absolute(name, folder) : name;
}
