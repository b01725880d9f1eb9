/** From a search to the file of its model. */
import { open, rename, rm } from 'node:fs/promises';
import { addUsage, NO_USAGE, StoreError } from '../../core/index.ts';
import type { Compiled } from '../compile.ts';
import type { FrontRow } from '../report.ts';
import { FORMAT, type Program } from './format.ts';

/** What was picked, as data. `version` is that of plusx. */
export function programOf({ report, base, plus, demonstrations, router }: Compiled, version: string): Program {
  const { plan, seed, data, front, improved, stages } = report;
  const row = front.find(({ picked }) => picked) as FrontRow;
  const spent = stages.reduce(
    (sum, { calls, tokens, usd }) => addUsage(sum, { ...NO_USAGE, calls, inputTokens: tokens, usd }),
    NO_USAGE,
  );
  const isTested = !Number.isNaN(row.accuracy);
  return {
    plusx: FORMAT,
    model: base.name,
    plus,
    ...(router && { router }),
    ...([plus, ...(router?.members ?? [])].some((one) => /\bdemos\(/.test(one)) && { demonstrations }),
    ...(Object.keys(plan.perQuestion).length > 0 && { perQuestion: plan.perQuestion }),
    provenance: {
      task: plan.task,
      metric: plan.metric,
      space: plan.space,
      data,
      seed,
      budget: plan.budget,
      spent: {
        calls: spent.calls,
        ...(spent.inputTokens !== undefined && { tokens: spent.inputTokens }),
        ...(spent.usd !== undefined && { usd: spent.usd }),
      },
      versions: { plusx: version },
      scores: {
        dev: row.dev,
        test: isTested ? row.accuracy : 0,
        ci95: [row.ci95[0], row.ci95[1]],
        base: isTested ? report.base.accuracy : 0,
        improved,
      },
    },
  };
}

/** Writes the file whole or not at all. Throws StoreError. */
export async function saveProgram(program: Program, file: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(program, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StoreError({ file, problem: `it cannot be written (${code ?? message})`, hint: 'Name another file' });
  }
}
