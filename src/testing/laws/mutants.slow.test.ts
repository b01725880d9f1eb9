/**
 * Seeded bugs: each is put into a copy of the sources, and the laws run over the copy must find it. A bug that no law
 * finds is a law that is missing.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lawFiles, lawsIn } from '../../../scripts/law-files.ts';
import type { Bug } from './technique-law.ts';

/** Bugs of the core: what every technique stands on. */
const CORE: readonly Bug[] = [
  {
    bug: 'results in the order of completion',
    file: 'core/context/gather.ts',
    from: 'outcomes[index] = [await task(turn?.context ?? inner)];',
    to: 'const done = await task(turn?.context ?? inner); outcomes[outcomes.length] = [done];',
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
    from: 'if (error instanceof BudgetExceeded) ledger.exhaust(error.limit);',
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
    from: "return context.atLimit === 'best';",
    to: 'return true;',
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
    bug: 'usage is not summed',
    file: 'core/technique/technique.ts',
    from: 'addUsage(sum, ledger.usage)',
    to: '(void sum, ledger.usage)',
  },
  {
    bug: 'a replay counts as paid for',
    file: 'core/calls/from-backend.ts',
    from: 'replays: usage.calls',
    to: 'replays: 0',
  },
  {
    bug: 'journal key without the draw',
    file: 'core/calls/from-backend.ts',
    from: '\\n${context.choice.id}`',
    to: '`',
  },
  {
    bug: 'calls start after the abort',
    file: 'core/calls/account.ts',
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
    from: 'spent[name] += charged[name];',
    to: "if (name !== 'calls') spent[name] += charged[name];",
  },
  {
    bug: 'a budget forgets the input tokens',
    file: 'core/accounts/budget.ts',
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

interface Seeded extends Bug {
  /** The technique whose law must find it; that of the core where there is none. */
  readonly technique: string | undefined;
}

const SEEDED: readonly Seeded[] = [
  ...CORE.map((bug) => ({ ...bug, technique: undefined })),
  ...(
    await Promise.all(
      lawFiles().map(async (file) =>
        (await lawsIn(file)).bugs.map((bug) => ({ ...bug, technique: basename(file, '.law.ts') })),
      ),
    )
  ).flat(),
];
const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'plusx-bugs-'));
const original = join(folder, 'original'); // one state of the sources for the whole suite, edited meanwhile or not
const isNeeded = (file: string): boolean => !/\.test\.ts$|test-support/.test(file);
for (const part of ['src', 'scripts'])
  cpSync(join(root, part), join(original, part), { recursive: true, filter: isNeeded });
writeFileSync(join(original, 'package.json'), '{"type":"module"}');
symlinkSync(join(root, 'node_modules'), join(original, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true }), 60_000);

/** What the laws said: the law that is broken, that all hold, or that there was no time to say. */
type Found = { readonly kind: 'broken'; readonly law: string } | { readonly kind: 'all hold' | 'out of time' };

/** What the laws say of a copy of the sources. */
function lawsOver(
  name: string,
  technique: string | undefined,
  change: (read: (file: string) => string, copy: string) => void,
): Promise<Found> {
  const copy = join(folder, name);
  cpSync(original, copy, { recursive: true });
  change((file) => readFileSync(join(copy, 'src', file), 'utf8'), copy);
  return new Promise((resolve, reject) => {
    const script = join(copy, 'scripts/check-laws.ts');
    execFile(
      process.execPath,
      [script, ...(technique === undefined ? [] : [technique])],
      { timeout: 150_000 },
      (error, stdout, stderr) => {
        rmSync(copy, { recursive: true });
        if (!error) resolve({ kind: 'all hold' });
        else if (error.killed) resolve({ kind: 'out of time' });
        else if (error.code === 3) resolve({ kind: 'broken', law: stdout.trim() });
        else reject(new Error(`the laws could not run: ${stderr}`));
      },
    );
  });
}

it.concurrent.each([undefined, ...new Set(SEEDED.flatMap(({ technique }) => technique ?? []))])(
  'nothing is found in the sources as they are: %s',
  async (technique) => {
    expect(await lawsOver(`none-${technique}`, technique, () => {})).toEqual({ kind: 'all hold' });
  },
);

// A bug that the laws had no time to find is not found: a slow machine must not pass for a good law.
it.concurrent.each(SEEDED.map((bug, i) => ({ ...bug, name: `bug-${i}` })))(
  'found: $technique, $bug',
  async ({ name, technique, bug, file, from, to }) => {
    const found = await lawsOver(name, technique, (read, copy) => {
      const source = read(file);
      if (source.split(from).length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(from)} once`);
      writeFileSync(
        join(copy, 'src', file),
        source.replace(from, () => to),
      );
    });
    console.log(`${technique ?? 'core'}, ${bug} <- ${found.kind === 'broken' ? found.law : found.kind.toUpperCase()}`);
    expect(found.kind).toBe('broken');
  },
);
