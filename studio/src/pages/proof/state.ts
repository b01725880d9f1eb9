/** What the page knows: the laws, what came of them, and which are being checked. */
import { computed, signal } from '@preact/signals';
import { checked, listed } from './desk.ts';
import type { Checked, Refused, Sheet } from './protocol.ts';

export const sheets = signal<readonly Sheet[] | undefined>(undefined);
export const trouble = signal<string | undefined>(undefined);

/** What came of the laws as they stand in the tests, by `keyOf`. */
export const verdicts = signal<ReadonlyMap<string, Checked | Refused>>(new Map());
export const keyOf = (technique: string, index: number): string => `${technique} ${index}`;

export async function load(): Promise<void> {
  trouble.value = undefined;
  try {
    sheets.value ??= await listed();
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error);
  }
}

/** Who is checking them all, so that it can be stopped. */
export const checking = signal<AbortController | undefined>(undefined);

export async function checkAll(): Promise<void> {
  const controller = new AbortController();
  checking.value = controller;
  try {
    for (const { technique, laws } of sheets.value ?? [])
      for (const index of laws.keys()) {
        if (verdicts.value.has(keyOf(technique, index))) continue;
        const verdict = await checked({ technique, index }, controller.signal);
        verdicts.value = new Map(verdicts.value).set(keyOf(technique, index), verdict);
      }
  } catch (error) {
    if (!controller.signal.aborted) trouble.value = error instanceof Error ? error.message : String(error);
  } finally {
    checking.value = undefined;
  }
}

/** How many laws there are, how many were checked, and how many of those are kept. */
export const count = computed(() => ({
  all: (sheets.value ?? []).reduce((sum, { laws }) => sum + laws.length, 0),
  done: verdicts.value.size,
  kept: [...verdicts.value.values()].filter((one) => 'kept' in one && one.kept).length,
}));

/** Of a technique: whether all its laws were checked and kept, and the greatest distance of those that hold. */
export function standing({
  technique,
  laws,
}: Sheet): { readonly kept: boolean; readonly distance: number } | undefined {
  const all = laws.map((_, index) => verdicts.value.get(keyOf(technique, index)));
  if (all.some((one) => one === undefined)) return undefined;
  const seen = all.flatMap((one) => (one && 'kept' in one ? [one] : []));
  return {
    kept: seen.length === all.length && seen.every(({ kept }) => kept),
    distance: Math.max(0, ...seen.flatMap(({ holds, distance }) => (holds ? [distance] : []))),
  };
}
