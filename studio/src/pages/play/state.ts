/** What stands on the page: the question, the formulas, what is known of them, and how the run stands. */
import { computed, effect, signal, untracked } from '@preact/signals';
import type { Checked, Facts, PlayEvent } from '../../../../src/studio/play/protocol.ts';
import { wordsOf } from '../../shell/words.ts';
import { href, go, route } from '../../shell/route.ts';
import { server } from '../../shell/api.ts';
import { kept, remember } from '../../shell/kept.ts';
import { readTurns, writeTurns, type Turn } from '../../../../src/studio/play/turns.ts';
import { runner } from './runner.ts';

export type State = Extract<PlayEvent, { kind: 'state' }>;

/** A formula as it is written, with the way back. */
function written(initial: string) {
  const text = signal(initial);
  const checked = signal<Checked | undefined>(undefined);
  const past: string[] = [];
  const future: string[] = [];
  let at = 0;
  return {
    text,
    checked,
    set(next: string): void {
      if (next === text.value) return;
      // What is typed at one go is one step back.
      const now = Date.now();
      if (now - at > 800 || past.length === 0) past.push(text.value);
      at = now;
      future.length = 0;
      text.value = next;
    },
    /** A step of its own, however soon. */
    put(next: string): void {
      at = 0;
      this.set(next);
      at = 0;
    },
    undo(): void {
      const last = past.pop();
      if (last === undefined) return;
      future.push(text.value);
      text.value = last;
      at = 0;
    },
    redo(): void {
      const next = future.pop();
      if (next === undefined) return;
      past.push(text.value);
      text.value = next;
      at = 0;
    },
  };
}

export type Written = ReturnType<typeof written>;

const asked = route.value.query;
const numberOf = (query: URLSearchParams, name: string, fallback: number): number => {
  const value = Number(query.get(name) ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : fallback;
};

export const question = signal(asked.get('q') ?? '');
/** What was said before the question: a link brings it along. */
export const turns = signal(readTurns(asked.get('m')));
export const first = written(asked.get('x') ?? '');
export const second = written(asked.get('y') ?? '');
export const comparing = signal(asked.has('y'));
export const seed = signal(numberOf(asked, 'seed', 1));
export const samples = signal(numberOf(asked, 'n', 200));
/** The most calls, where nothing bounds them. */
export const calls = signal<number | undefined>(undefined);
/** What is right, where the question is an item of a task. */
export const expected = signal<string | undefined>(undefined);

export const facts = signal<Facts | undefined>(undefined);
/** A picture, and what it is of: a saved page has the last one. */
interface Picture {
  readonly shown: {
    readonly question: string;
    readonly turns: readonly Turn[];
    readonly formulas: readonly string[];
    readonly seed: number;
  };
  readonly state: State;
}
const PICTURE = 'play/run';
const last = kept?.replies[PICTURE] as Picture | undefined; // as `remember` got it below
export const state = signal<State | undefined>(last?.state);
export const failure = signal<string | undefined>(undefined);
/** The last run was ended by the person who began it. */
export const stopped = signal(false);
const controller = signal<AbortController | undefined>(undefined);
export const running = computed(() => controller.value !== undefined);
/** What the picture is of: draws are looked into by it. */
export const shown = signal<Picture['shown'] | undefined>(last?.shown);

export const formulas = computed(() => [first.text.value, ...(comparing.value ? [second.text.value] : [])]);
export const checks = computed(() => [first.checked.value, ...(comparing.value ? [second.checked.value] : [])]);
export const ready = computed(
  () => question.value.trim() !== '' && checks.value.every((one) => one?.ok === true) && server.value === 'there',
);

export async function loadFacts(): Promise<void> {
  try {
    facts.value = await runner.facts();
    failure.value = undefined;
    if (first.text.value === '')
      first.set(
        `${facts.value.models.find((name) => name === 'plusx:tiny') ?? facts.value.models[0] ?? ''} + selfConsistency(n=5)`,
      );
  } catch (error) {
    failure.value = wordsOf(error);
  }
}

/** Formulas are looked at shortly after they were written. */
const LOOK_MS = 150;
for (const one of [first, second])
  effect(() => {
    const formula = one.text.value;
    const about = { question: question.value, turns: turns.value };
    if (server.value === 'lost' || facts.value === undefined) return undefined;
    const look = async (): Promise<void> => {
      const failed = (error: unknown): Checked => ({
        ok: false,
        message: wordsOf(error),
        position: undefined,
        suggestion: undefined,
      });
      const checked = await runner.check(formula, about).catch(failed);
      if (formula === one.text.value) one.checked.value = checked;
    };
    const timer = setTimeout(() => void look(), LOOK_MS);
    return () => clearTimeout(timer);
  });

/** A link that is followed while the page is there: it asks what it says, and leaves alone what it does not say. */
effect(() => {
  const { page, query } = route.value;
  if (page !== 'play') return;
  untracked(() => {
    const [q, x, y] = ['q', 'x', 'y'].map((name) => query.get(name));
    if (q) [question.value, turns.value] = [q, readTurns(query.get('m'))];
    if (x) {
      first.put(x);
      comparing.value = y != null;
      if (y != null) second.put(y);
    }
    seed.value = numberOf(query, 'seed', seed.value);
    samples.value = numberOf(query, 'n', samples.value);
  });
});

/** The address holds what is asked, and never that it is asked. */
export const link = computed(() =>
  href('play', [], {
    m: writeTurns(turns.value),
    q: question.value || undefined,
    x: first.text.value || undefined,
    y: comparing.value ? second.text.value : undefined,
    seed: `${seed.value}`,
    n: `${samples.value}`,
  }),
);

export async function run(): Promise<void> {
  if (!ready.value) return;
  stop();
  stopped.value = false;
  const mine = new AbortController();
  controller.value = mine;
  failure.value = undefined;
  state.value = undefined;
  const picture = { question: question.value, turns: turns.value, formulas: formulas.value, seed: seed.value };
  shown.value = picture;
  go(link.value, { replace: true });
  try {
    const asking = { ...picture, samples: samples.value, ...(calls.value !== undefined && { calls: calls.value }) };
    for await (const event of runner.run(asking, mine.signal)) {
      if (controller.value !== mine) return;
      if (event.kind === 'state') {
        state.value = event;
        remember(PICTURE, { shown: picture, state: event } satisfies Picture);
      } else failure.value = event.message;
    }
  } catch (error) {
    if (!mine.signal.aborted) failure.value = wordsOf(error);
  } finally {
    if (controller.value === mine) controller.value = undefined;
  }
}

export function stop(): void {
  if (!controller.value) return;
  controller.value.abort();
  controller.value = undefined;
  stopped.value = true;
}

export function again(): void {
  seed.value += 1;
  void run();
}
