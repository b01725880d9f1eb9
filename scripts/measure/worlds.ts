/**
 * Techniques on models written down for them, exactly: prints the table of docs/measurements/worlds.md.
 * node scripts/measure/worlds.ts [--only TEXT]
 */
import { parseArgs } from 'node:util';
import { compare, type World } from './worlds/form.ts';
import { decode } from './worlds/decode.ts';
import { decompose } from './worlds/decompose.ts';
import { iterate } from './worlds/iterate.ts';
import { recipes } from './worlds/recipes.ts';
import { remember } from './worlds/remember.ts';
import { rephrase } from './worlds/rephrase.ts';
import { search } from './worlds/search.ts';
import { tools } from './worlds/tools.ts';

const WORLDS: readonly World[] = [
  ...search,
  ...iterate,
  ...remember,
  ...tools,
  ...rephrase,
  ...decompose,
  ...recipes,
  ...decode,
];

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
row(['technique', 'the model', 'one sample', 'with X', 'calls', 'for the same calls', 'verdict']);
row(Array.from({ length: 7 }, () => '---'));
for (const world of WORLDS) if (`${world.technique} ${world.says}`.includes(values.only)) row(await compare(world));
