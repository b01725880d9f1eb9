/**
 * Programs and tests that are both often wrong: agreement beside best-of-n by the tests alone, on the functions of HumanEval. Prints
 * the table of docs/measurements/search.md. node scripts/measure/agreement.ts, which reads ../shared/data and runs Python.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  ask,
  plus,
  questionOf,
  scorer,
  seeded,
  textOf,
  type Choice,
  type Message,
  type Model,
  type Sandbox,
} from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/index.ts';
import { readJsonLines } from '../../src/models/pool/index.ts';
import { openSandbox } from '../../src/sandbox/index.ts';
import { agreement, bestOfN } from '../../src/search/index.ts';

const FILE = join(import.meta.dirname, '../../../shared/data/tasks/humaneval/HumanEval.jsonl.gz');
const [SIZES, SEEDS, TESTS, MUTANTS] = [[1, 5, 20, 100], 5, 10, 10];

/** How likely a test is right: `floor` on problems that the author cannot do, and `slope` more on those he always can. */
interface Tester {
  readonly floor: number;
  readonly slope: number;
}
const TESTERS: readonly Tester[] = [
  { floor: 0.05, slope: 0.4 },
  { floor: 0.3, slope: 0.6 },
];

interface Problem {
  readonly task_id: string;
  readonly prompt: string;
  readonly entry_point: string;
  readonly canonical_solution: string;
  readonly test: string;
}
/** A function, programs for it with their shares, and tests for it with theirs. */
interface Case {
  readonly question: string;
  readonly programs: Distribution;
  readonly tests: Distribution;
  readonly right: ReadonlySet<string>;
  readonly passes: ReadonlySet<string>;
}

/** Slips of the pen: one of them at one place makes a mutant. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/ < /g, ' <= '],
  [/ > /g, ' >= '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ == /g, ' != '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ and /g, ' or '],
  [/\bTrue\b/g, 'False'],
  [/\bFalse\b/g, 'True'],
  [/\b0\b/g, '1'],
  [/\b1\b/g, '2'],
  [/\b2\b/g, '3'],
  [/\bmin\b/g, 'max'],
  [/\bmax\b/g, 'min'],
  [/return (?!not )/g, 'return not '],
];

function mutantsOf(code: string): string[] {
  const found = SLIPS.flatMap(([from, to]) =>
    [...code.matchAll(from)].map(({ index, 0: hit }) => code.slice(0, index) + to + code.slice(index + hit.length)),
  );
  return [...new Set(found)].filter((one) => one !== code);
}

const sandbox = await openSandbox({ workers: availableParallelism(), timeoutMs: 1000 });
const lines = async (program: string, body: string): Promise<readonly string[]> => {
  const ended = await sandbox.run({ language: 'python', code: `${program}\n${body}` });
  return ended.kind === 'value' && Array.isArray(ended.value) ? ended.value.map(String) : [];
};
const list = (expressions: readonly string[], kind: 'repr' | 'bool'): string =>
  `answer = []\n${expressions
    .map(
      (one) =>
        `try:\n    answer.append(${kind === 'repr' ? `repr(${one})` : `str(bool(${one}))`})\nexcept Exception:\n    answer.append('')`,
    )
    .join('\n')}`;

/** `undefined` where the tests are not of the form `candidate(...) == value`, or no slip changes what the function returns. */
async function caseOf(problem: Problem, { floor, slope }: Tester, choice: Choice): Promise<Case | undefined> {
  const { prompt, canonical_solution: body, entry_point: name, test } = problem;
  const asserted = [...test.matchAll(/^\s*assert candidate\((.*)\) == (.+?)(?:, *["'].*)?$/gm)];
  const checks = asserted.map(([, given = '', value = '']) => ({ call: `${name}(${given})`, value }));
  if (checks.length < 3) return undefined;
  const own = (prompt + body).trim();
  const calls = checks.map(({ call }) => call);
  const truth = await lines(
    own,
    list(
      checks.map(({ call, value }) => `${call} == ${value}`),
      'bool',
    ),
  );
  if (truth.some((one) => one !== 'True') || truth.length === 0) return undefined;
  const all = mutantsOf(body);
  const picked = Array.from(
    { length: Math.min(4 * MUTANTS, all.length) },
    () => all.splice(choice.categorical(all.map(() => 1)), 1)[0] as string,
  );
  const returned = await Promise.all(
    picked.map(async (one) => [(prompt + one).trim(), await lines(prompt + one, list(calls, 'repr'))] as const),
  );
  const expected = await lines(own, list(calls, 'repr'));
  const wrong = returned
    .filter(([, values]) => values.length > 0 && values.join('\n') !== expected.join('\n'))
    .slice(0, MUTANTS);
  if (wrong.length < 2) return undefined;
  // How hard the problem is for the author, whose tests are wrong more often where his programs are.
  const skill = (choice.categorical(Array.from({ length: 100 }, () => 1)) + 0.5) / 100;
  const share = skill ** 2;
  const ranks = wrong.map((_, i) => 1 / (i + 1));
  const total = ranks.reduce((sum, one) => sum + one, 0);
  const programs: Distribution = {
    [own]: share,
    ...Object.fromEntries(wrong.map(([code], i) => [code, ((1 - share) * (ranks[i] as number)) / total])),
  };
  const tests: { [test: string]: number } = {};
  for (const [i, call] of calls.entries()) {
    const add = (value: string, weight: number): void => {
      const line = `${call} == ${value}`;
      if (value !== '') tests[line] = (tests[line] ?? 0) + weight / calls.length;
    };
    add(expected[i] as string, floor + slope * share);
    for (const [j, [, values]] of wrong.entries())
      add(values[i] ?? '', ((1 - floor - slope * share) * (ranks[j] as number)) / total);
  }
  const written = Object.keys(tests);
  const passes = new Set<string>();
  for (const program of Object.keys(programs))
    for (const [i, held] of (await lines(program, list(written, 'bool'))).entries())
      if (held === 'True') passes.add(`${program}\n${written[i]}`);
  return { question: prompt, programs, tests, right: new Set([own]), passes };
}

const isTesting = (prompt: readonly Message[]): boolean => questionOf(prompt).includes('Write tests');
function authorOf({ programs, tests }: Case): Model {
  return enumerable({ name: 'author', answers: (prompt) => (isTesting(prompt) ? tests : programs) });
}
/** Every program was run with every test once, in the real sandbox: this one looks up what became of it. */
function tableOf({ passes }: Case): Sandbox {
  return {
    name: 'table',
    languages: ['python'],
    run: async ({ code }) => {
      const [, program = '', test = ''] = /^([\s\S]*)\nanswer = \{"agreement": bool\((.*)\)\}$/.exec(code) ?? [];
      return {
        kind: 'value',
        value: { agreement: [...passes].some((one) => one === `${program}\n${test}`) },
        output: '',
      };
    },
  };
}

const problems = await readJsonLines(FILE, 'a problem');
for (const tester of TESTERS) {
  const cases: Case[] = [];
  for (const { value } of problems) {
    const problem = value as unknown as Problem;
    const made = await caseOf(problem, tester, seeded(`problem ${problem.task_id}`));
    if (made) cases.push(made);
  }
  console.log(
    `\n${cases.length} functions; right: ${percent(cases.map(shareRight))}% of programs, ${percent(cases.map(rightTests))}% of tests\n`,
  );
  console.log('| programs | `bestOfN` by the tests | `agreement` | any right (pass@n) |\n|---|---|---|---|');
  for (const n of SIZES) console.log(`| ${n} | ${(await compared(cases, n)).map(percent).join(' | ')} |`);
}
await sandbox.close();

/** By the tests, by agreement, and whether any is right: of every problem, several times. */
async function compared(cases: readonly Case[], n: number): Promise<readonly (readonly number[])[]> {
  const [byTests, agreed, any]: [number[], number[], number[]] = [[], [], []];
  for (const [i, one] of cases.entries())
    for (let order = 0; order < SEEDS; order++) {
      const seed = `${i} ${order}`; // draws of one problem say nothing of another's
      const base = authorOf(one);
      const draw = seeded(`tests ${seed}`);
      const tests = Array.from(
        { length: TESTS },
        () => Object.keys(one.tests)[draw.categorical(Object.values(one.tests))] as string,
      );
      const score = scorer(
        'passed',
        ({ content }) => tests.filter((test) => one.passes.has(`${textOf(content)}\n${test}`)).length,
      );
      const isRight = async (model: Model): Promise<number> =>
        Number(one.right.has((await ask(model, one.question, { seed, host: { sandbox: tableOf(one) } })).text));
      byTests.push(await isRight(plus(base, bestOfN({ n, score }))));
      agreed.push(await isRight(plus(base, agreement({ n, tests: TESTS, language: 'python' }))));
      any.push(1 - (1 - shareRight(one)) ** n);
    }
  return [byTests, agreed, any];
}

function shareRight({ right, programs }: Case): number {
  return [...right].reduce((sum, code) => sum + (programs[code] ?? 0), 0);
}

/** How likely a test is right: passed by the function as it should be. */
function rightTests({ tests, right, passes }: Case): number {
  const all = Object.values(tests).reduce((sum, weight) => sum + weight, 0);
  const good = Object.entries(tests).filter(([test]) => [...right].every((code) => passes.has(`${code}\n${test}`)));
  return good.reduce((sum, [, weight]) => sum + weight, 0) / all;
}
function percent(values: readonly number[]): string {
  return ((100 * values.reduce((sum, value) => sum + value, 0)) / values.length).toFixed(1);
}
