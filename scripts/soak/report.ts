/** What a mutation run found, as a page. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './trial.ts';

export interface Result {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: Outcome;
  readonly by: string | undefined;
  readonly seconds: number;
  /** How many rounds of tests it went through. */
  readonly rounds: number;
  /** The digest of the file. */
  readonly source: string;
}

export interface Soak {
  readonly seed: string;
  readonly count: number;
  readonly results: readonly Result[];
  readonly named: readonly NamedResult[];
}

/** What became of a fault of scripts/soak/named.ts. */
interface NamedResult {
  readonly bug: string;
  readonly kind: string;
  readonly file: string;
  readonly outcome: Outcome;
  readonly by: string | undefined;
}

/** Why a fault survives, by its id: written by hand in scripts/soak/survivors.json. */
interface Reason {
  readonly kind: 'equivalent' | 'left';
  readonly why: string;
}

export function report({ seed, count, results, named }: Soak, root: string): string {
  const path = join(root, 'scripts/soak/survivors.json');
  const reasons = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { [id: string]: Reason }) : {};
  const by = (outcome: Outcome): readonly Result[] => results.filter((one) => one.outcome === outcome);
  const survived = by('survived');
  const parts = Object.entries(Object.groupBy(results, ({ file }) => partOf(file)));
  const rules = Object.entries(Object.groupBy(results, ({ rule }) => rule));
  const rows = (groups: typeof parts): string[] =>
    groups
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, all = []]) => {
        const of = (outcome: Outcome): number => all.filter((one) => one.outcome === outcome).length;
        return `| ${name} | ${all.length} | ${of('found')} | ${of('endless')} | ${of('survived') + of('no time')} |`;
      });
  const listed = (all: readonly Result[], say: (one: Result) => string): string[] =>
    all.map(
      (one) => `| \`${one.file}:${one.line}\` | ${one.rule} | ${code(one.from)} | ${code(one.to)} | ${say(one)} |`,
    );
  const percent = (part: number): string => ((100 * part) / Math.max(1, results.length)).toFixed(1);
  return [
    `# Faults put into the sources, and what the tests say`,
    '',
    `\`npm run soak\` puts small faults into a copy of the sources, one at a time: an edge of a comparison, a sum that is a difference, a`,
    `constant off by one, a condition or two branches turned round, a default that is always or never taken, a key that is not found, a`,
    `statement or an \`await\` that is missing. The rules find every place where they fit, and a seed draws ${count} of them, spread over`,
    `the files of each part: seven of twenty for core, seven for rooms, three for statistics and three for the store. Nobody picks one.`,
    `The tests beside a file run first, then some near it with laws of techniques. \`-- --rounds 3\` lets every quick test that reaches the`,
    `file have a look as well. Where a fault survived, a test was written, and the fault was tried again: the share below is of these faults`,
    `and not of those that another seed would draw, of which more survive the first time (\`-- --seed 2\`).`,
    '',
    `A fault that makes tests run for ever counts as found only where a test without it needs less than a fifth of its time limit, or its`,
    `round less than half of the processor time after which a process is stopped. These stand in a column of their own.`,
    '',
    `Seed ${seed}: **${results.length} of ${count} tried, ${survived.length + by('no time').length} survive (${percent(survived.length + by('no time').length)} %)**,`,
    `${survived.filter(({ id }) => reasons[id]?.kind === 'equivalent').length} of these because they change nothing that can be seen.`,
    `${(results.reduce((sum, one) => sum + one.seconds, 0) / Math.max(1, results.length)).toFixed(1)} processor seconds a fault.`,
    '',
    '| part | faults | found | without an end | survive |',
    '| --- | --- | --- | --- | --- |',
    ...rows(parts),
    '',
    '| rule | faults | found | without an end | survive |',
    '| --- | --- | --- | --- | --- |',
    ...rows(rules),
    '',
    '## What survives',
    '',
    '| place | rule | text | with the fault | why |',
    '| --- | --- | --- | --- | --- |',
    ...listed(
      [...survived, ...by('no time')],
      ({ id, outcome }) => reasons[id]?.why ?? (outcome === 'no time' ? 'no time to say' : 'not looked at yet'),
    ),
    '',
    '## What runs without an end',
    '',
    '| place | rule | text | with the fault | seen by |',
    '| --- | --- | --- | --- | --- |',
    ...listed(by('endless'), (one) => code(one.by ?? '')),
    '',
    '## Faults with a name',
    '',
    `Every test once let these through. \`npm run soak -- --named\` tries them again.`,
    '',
    '| kind | fault | file | outcome | by |',
    '| --- | --- | --- | --- | --- |',
    ...named.map(
      ({ kind, bug, file, outcome, by }) =>
        `| ${kind} | ${bug} | \`${file}\` | ${outcome} | ${by === undefined ? '' : code(by)} |`,
    ),
    '',
  ].join('\n');
}

function partOf(file: string): string {
  const folder = file.split('/')[1] as string;
  if (folder === 'core' || folder === 'store') return folder;
  return folder === 'evaluate' ? 'statistics' : 'rooms';
}

const code = (text: string): string =>
  `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'").slice(0, 100)}\``;
