/**
 * Seeded bugs: each is put into a copy of the sources, and the laws run over the copy must find it. A bug that no law
 * finds is a law that is missing.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { LawSet, Mutant } from '../../../scripts/laws/form.ts';
import * as rooms from '../../../scripts/laws/index.ts';

const BASIC: readonly Mutant[] = [
  {
    bug: 'results in the order of completion',
    file: 'core/context/gather.ts',
    from: 'outcomes[index] = [await task(turns?.[index]?.context ?? inner)];',
    to: 'const done = await task(turns?.[index]?.context ?? inner); outcomes[outcomes.indexOf(undefined)] = [done];',
  },
  {
    bug: 'losers are not cancelled',
    file: 'core/context/gather.ts',
    from: '    cancel(reason);\n',
    to: '',
  },
  {
    bug: 'what a budget took away goes unsaid',
    file: 'core/context/gather.ts',
    from: 'if (error instanceof BudgetExceeded) context.ledger.exhaust(error.limit);',
    to: 'if (error instanceof BudgetExceeded) return;',
  },
  {
    bug: 'calls that are not needed are made before the journal has answered',
    file: 'core/context/gather.ts',
    from: 'until && context.journal ?',
    to: 'until && context.journal && tasks.length < 0 ?',
  },
  {
    bug: 'the best so far although the caller wants none',
    file: 'core/context/gather.ts',
    from: "!(error instanceof BudgetExceeded) || context.atLimit === 'throw'",
    to: '!(error instanceof BudgetExceeded)',
  },
  {
    bug: 'n-1 draws',
    file: 'search/best-of-n/best-of-n.ts',
    from: 'base.sample({ ...request, n }, context)',
    to: 'base.sample({ ...request, n: Math.max(1, n - 1) }, context)',
  },
  { bug: 'the last of equals', file: 'search/best-of-n/best-of-n.ts', from: 'a > b ||', to: 'a >= b ||' },
  {
    bug: 'a score that is no number wins',
    file: 'search/best-of-n/best-of-n.ts',
    from: '(Number.isNaN(b) && !Number.isNaN(a))',
    to: '(Number.isNaN(a) && !Number.isNaN(b))',
  },
  {
    bug: 'a tied vote goes to the last seen',
    file: 'core/reading/vote.ts',
    from: 'a.weight > b.weight * (1 + 1e-12)',
    to: 'a.weight >= b.weight',
  },
  {
    bug: 'abstaining wins a vote',
    file: 'core/reading/vote.ts',
    from: '.filter((one) => one.answer !== null)',
    to: '.filter(() => true)',
  },
  {
    bug: 'the stop rule is one vote late',
    file: 'search/self-consistency/self-consistency.ts',
    from: 'rule: stop ===',
    to: "rule: stop === 'adaptive' ? { ...settled(threshold), stops: (all) => settled(threshold).stops(all.slice(0, -1)) } : stop ===",
  },
  {
    bug: 'the stop rule leaves out its threshold',
    file: 'search/shared/vote.ts',
    from: 'betaMajority(...largest(answers)) >= threshold',
    to: 'betaMajority(...largest(answers)) > threshold',
  },
  {
    bug: 'abstaining is no class of the stop rule',
    file: 'search/shared/vote.ts',
    from: 'for (const answer of answers) counts',
    to: 'for (const answer of answers) if (answer !== null) counts',
  },
  {
    bug: 'the stop rule takes any two classes for the largest',
    file: 'search/shared/vote.ts',
    from: 'else if (count > second) second = count;',
    to: 'else second = count;',
  },
  {
    bug: 'a window need not be full',
    file: 'search/shared/vote.ts',
    from: 'answers.length % window === 0 && ',
    to: '',
  },
  {
    bug: 'draws of a stop rule at addresses of their own',
    file: 'search/shared/draw-until.ts',
    from: 'base.sample({ ...request, n: 1, from: i }, inner)',
    to: 'base.sample({ ...request, n: 1 }, inner)',
  },
  {
    bug: 'the draft is returned',
    file: 'iterate/self-refine/self-refine.ts',
    from: '      current = revision;\n',
    to: '',
  },
  {
    bug: 'a verdict does not end it',
    file: 'iterate/self-refine/self-refine.ts',
    from: "if (stop === 'verdict' && isContent(asking.read(critique))) break;",
    to: '',
  },
  {
    bug: 'weights of a mixture are left out',
    file: 'search/mixture/mixture.ts',
    from: 'context.choice.categorical(weights)',
    to: 'context.choice.categorical(weights.map(() => 1))',
  },
  {
    bug: 'rejection refuses a score that is just enough',
    file: 'search/rejection/rejection.ts',
    from: '?? -Infinity) >= threshold',
    to: '?? -Infinity) > threshold',
  },
  {
    bug: 'resampling forgets its temperature',
    file: 'search/soft-best-of-n/soft-best-of-n.ts',
    from: '(value - top) / temperature',
    to: 'value - top',
  },
  {
    bug: 'the rephrased question is answered alone',
    file: 'rephrase/rephrase-and-respond/rephrase-and-respond.ts',
    from: 'respond.say({ question, rephrased })',
    to: 'rephrased',
  },
  {
    bug: 'the principle is not put before the question',
    file: 'rephrase/step-back/step-back.ts',
    from: 'withQuestion(request.prompt, answering.say({ question, general, principle }))',
    to: 'request.prompt',
  },
  {
    bug: 'usage is not summed',
    file: 'core/technique/technique.ts',
    from: 'addUsage(sum, ledger.usage)',
    to: '(void sum, ledger.usage)',
  },
  {
    bug: 'a replay counts as paid for',
    file: 'core/calls/bookkeeping.ts',
    from: 'replays: usage.calls',
    to: 'replays: 0',
  },
  {
    bug: 'journal key without the draw',
    file: 'core/calls/bookkeeping.ts',
    from: '\\n${context.choice.id}`',
    to: '`',
  },
  {
    bug: 'calls start after the abort',
    file: 'core/calls/bookkeeping.ts',
    from: 'if (!signal.aborted) return reservation;',
    to: 'if (!signal.aborted || reservation) return reservation;',
  },
  {
    bug: 'a budget does not count what is in flight',
    file: 'core/accounts/budget.ts',
    from: 'reserved[name] += held[name]',
    to: 'reserved[name] += 0 * held[name]',
  },
  {
    bug: 'a budget settles for nothing',
    file: 'core/accounts/budget.ts',
    from: 'spent.calls += usage.calls;',
    to: '',
  },
  {
    bug: 'a budget forgets the input tokens',
    file: 'core/accounts/limits.ts',
    from: 'tokens: inputTokens + outputTokens,',
    to: 'tokens: outputTokens,',
  },
  {
    bug: 'the seed ignores the path',
    file: 'core/context/choice.ts',
    from: 'fork: (name) => keyed(threefry(key, hash(name))),',
    to: 'fork: (name) => keyed(name ? key : threefry(key, hash(name))),',
  },
  {
    bug: 'a stream that is left goes on',
    file: 'core/technique/stream.ts',
    from: 'if (!state.finished) cancel(',
    to: 'if (state.finished) cancel(',
  },
];

const MUTANTS: ReadonlyArray<Mutant & { readonly room?: string }> = [
  ...BASIC,
  ...Object.entries(rooms as { readonly [room: string]: LawSet }).flatMap(([room, { mutants = [] }]) =>
    mutants.map((mutant) => ({ ...mutant, room })),
  ),
];
const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'plusx-mutants-'));
const original = join(folder, 'original'); // one state of the sources for the whole suite, edited meanwhile or not
const isNeeded = (file: string): boolean => !/\.test\.ts$|test-support/.test(file);
for (const part of ['src', 'scripts'])
  cpSync(join(root, part), join(original, part), { recursive: true, filter: isNeeded });
writeFileSync(join(original, 'package.json'), '{"type":"module"}');
symlinkSync(join(root, 'node_modules'), join(original, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true }), 60_000);

/** What the laws say of a copy of the sources: nothing if all hold. */
function lawsOver(
  name: string,
  room: string | undefined,
  change: (read: (file: string) => string, copy: string) => void,
): Promise<string> {
  const copy = join(folder, name);
  cpSync(original, copy, { recursive: true });
  change((file) => readFileSync(join(copy, 'src', file), 'utf8'), copy);
  return new Promise((resolve, reject) => {
    const script = join(copy, 'scripts/check-laws.ts');
    execFile(process.execPath, [script, ...(room ? [room] : [])], { timeout: 150_000 }, (error, stdout, stderr) => {
      rmSync(copy, { recursive: true });
      if (!error) resolve('');
      else if (error.killed) resolve('it never ends');
      else if (error.code === 3) resolve(stdout.trim());
      else reject(new Error(`the laws could not run: ${stderr}`));
    });
  });
}

it.each([undefined, ...Object.keys(rooms)])('nothing is found in the sources as they are: %s', async (room) => {
  expect(await lawsOver(`none-${room}`, room, () => {})).toBe('');
});

it.concurrent.each(MUTANTS.map((mutant, i) => ({ ...mutant, name: `mutant-${i}` })))(
  'found: $bug',
  async ({ name, room, bug, file, from, to }) => {
    const caught = await lawsOver(name, room, (read, copy) => {
      const source = read(file);
      if (source.split(from).length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(from)} once`);
      writeFileSync(
        join(copy, 'src', file),
        source.replace(from, () => to),
      );
    });
    console.log(`${bug} <- ${caught || 'NOT FOUND'}`);
    expect(caught).not.toBe('');
  },
);
