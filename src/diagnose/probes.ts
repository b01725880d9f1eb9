/** What is tried besides five plain samples, each for one or two calls an item: a setting, a wording, a round of critique, a page, a tool. */
import { plus, PlusxError, type Host, type Model, type Transform } from '../core/index.ts';
import { worstCase } from '../evaluate/worst-case.ts';
import { selfRefine } from '../iterate/self-refine/self-refine.ts';
import { rag } from '../remember/rag/rag.ts';
import { reRead } from '../rephrase/re-read/re-read.ts';
import { rephraseAndRespond } from '../rephrase/rephrase-and-respond/rephrase-and-respond.ts';
import { request } from '../rephrase/request/request.ts';
import type { Task } from '../tasks/index.ts';
import { isNumeric } from '../tasks/numeric.ts';
import { pal } from '../tools/pal/pal.ts';

/** What a probe tells about. */
export type ProbeKind = 'greedy' | 'rewording' | 'critique' | 'page' | 'tool' | 'format';

export interface Probe {
  readonly about: ProbeKind;
  readonly model: Model;
  /** Calls that an item takes beyond the five samples. */
  readonly calls: number;
  /** The first of the five samples is its draft, and what it is compared with; else all five are. */
  readonly isDraft: boolean;
}

export interface Probes {
  readonly probes: readonly Probe[];
  /** Asked only where answers cannot be read. */
  readonly format: Probe | undefined;
  /** What was not tried, and why. */
  readonly left: readonly { readonly about: ProbeKind; readonly why: string }[];
}

/** The probes that the model, the task and the host allow. */
export async function probesFor(model: Model, task: Task, host: Host | undefined): Promise<Probes> {
  const left: { about: ProbeKind; why: string }[] = [];
  const probe = (about: ProbeKind, x: Transform, shares = 0): Probe[] => {
    try {
      const composed = plus(model, x);
      const { calls = Infinity } = worstCase(composed, { prompt: [] });
      if (!Number.isFinite(calls)) return (left.push({ about, why: 'nothing bounds its calls' }), []);
      return [{ about, model: composed, calls: calls - shares, isDraft: shares > 0 }];
    } catch (error) {
      if (!(error instanceof PlusxError)) throw error;
      return (left.push({ about, why: error.message }), []);
    }
  };
  const pages = (await host?.memory?.namespaces())?.length ?? 0;
  if (pages === 0) left.push({ about: 'page', why: 'there are no pages to look up (--memory)' });
  const computes = isNumeric(task);
  if (!host?.sandbox || !computes)
    left.push({
      about: 'tool',
      why: computes ? 'there is no sandbox' : 'the answers are no numbers, which programs are for',
    });
  const own = worstCase(model, { prompt: [] }).calls ?? 1;
  return {
    probes: [
      ...probe('greedy', request({ temperature: 0 })),
      ...probe('rewording', reRead()),
      ...probe('rewording', rephraseAndRespond()),
      ...probe('critique', selfRefine({ rounds: 1 }), own),
      ...(pages > 0 ? probe('page', rag()) : []),
      ...(host?.sandbox && computes ? probe('tool', pal()) : []),
    ],
    format: probe('format', request({ system: FORMAT }))[0],
    left,
  };
}

export const FORMAT =
  'End your reply with a line of its own: "Answer: " and then the final answer, and nothing after it.';
