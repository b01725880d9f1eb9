/** Keeps a formula under a name, in the configuration file. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { techniques } from '../catalog.ts';
import { absoluteAddress, type LoadedConfig } from './load.ts';
import { namesInFormula } from './models.ts';
import { ConfigError, inside, whole } from './read.ts';
import { checkConfig } from './schema.ts';
import type { FormulaScope } from '../core/index.ts';

interface SaveOptions {
  /** The configuration that there is. Where there is none, `plusx.config.json` is written into the folder. */
  readonly loaded?: LoadedConfig | undefined;
  /** Where paths in the formula start. Default: the current folder. */
  readonly folder?: string | undefined;
  readonly scope?: Partial<Omit<FormulaScope, 'model'>> | undefined;
}

/** Writes the name into the JSON configuration and returns its file. Throws ConfigError where the name is taken, or a program would have to be changed. */
export async function saveModel(
  name: string,
  formula: string,
  { loaded, folder = '.', scope = {} }: SaveOptions = {},
): Promise<string> {
  const file = loaded?.file ?? join(resolve(folder), 'plusx.config.json');
  const place = inside(inside(whole(file), 'models'), name);
  checkConfig({ models: { [name]: formula } }, file);
  if (techniques.some(({ definition }) => definition.name === name))
    throw new ConfigError({ ...place, problem: 'is the name of a technique', hint: 'Choose another' });
  const kept = movedTo(formula, { from: resolve(folder), to: loaded?.folder ?? resolve(folder), scope });
  const before = loaded?.config.models?.[name];
  if (before === kept) return file;
  if (before !== undefined)
    throw new ConfigError({
      ...place,
      problem: 'is there already',
      hint: 'Choose another name, or delete it there first',
    });
  if (!file.endsWith('.json'))
    throw new ConfigError({
      file,
      problem: 'is a program, which is not rewritten',
      hint: `Add this line to its \`models\`: ${property(name)}: ${JSON.stringify(kept)},`,
    });
  await write(file, name, kept);
  return file;
}

/** Files that a formula names are named from the folder of the configuration afterwards. */
function movedTo(
  formula: string,
  { from, to, scope }: { from: string; to: string; scope: Partial<Omit<FormulaScope, 'model'>> },
): string {
  if (from === to) return formula;
  const files = namesInFormula(formula, { techniques, ...scope }).filter((name) =>
    /^(?:pool|recorded|gguf):/.test(name),
  );
  return files.reduce((text, name) => text.replaceAll(name, absoluteAddress(name, from)), formula);
}

const property = (name: string): string => (/^[A-Za-z]\w*$/.test(name) ? name : JSON.stringify(name));

/** Adds the name to what the file holds, in one step: it is never half written. */
async function write(file: string, name: string, formula: string): Promise<void> {
  const known = await stat(file).catch(() => undefined);
  const text = known ? await readFile(file, 'utf8') : '{}';
  const value = JSON.parse(text.replace(/^\uFEFF/, '')) as { readonly models?: object };
  const whole = { ...value, models: { ...value.models, [name]: formula } };
  checkConfig(whole, file);
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  const other = `${file}.${process.pid}.new`;
  await writeFile(other, `${JSON.stringify(whole, null, indent)}\n`, known && { mode: known.mode & 0o777 });
  await rename(other, file);
}
