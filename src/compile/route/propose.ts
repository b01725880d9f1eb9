/** Panels that can be made of compositions whose answers to some labelled questions are known: to find one costs no call. */
import { fitGate, chanceOf, type Gate } from './gate.ts';
import { walked, type Panel } from './panel.ts';
import type { Seen } from './seen.ts';

/** What one composition answered to each labelled question. */
export interface Column {
  readonly seen: readonly Seen[];
  readonly grades: readonly number[];
  /** Of a question. */
  readonly cost: number;
}

export interface Proposal {
  /** Which compositions are asked, in this order. */
  readonly order: readonly number[];
  readonly panel: Panel;
  /** Of each labelled question. */
  readonly grades: readonly number[];
  /** Of a question, on average. */
  readonly cost: number;
}

export interface ProposeOptions {
  /** What a question may cost on average. */
  readonly most: number;
  /** How many are asked at most. Default 3. */
  readonly size?: number | undefined;
}

/** Of more compositions the best few are combined. */
const COMBINED = 6;

/**
 * Every panel of up to `size` compositions, each with the lowest threshold at which it keeps within its cost: as many questions as it
 * affords go on to the second one, those first whose first answer is least likely to be right.
 */
export function proposals(columns: readonly Column[], { most, size = 3 }: ProposeOptions): readonly Proposal[] {
  const best = [...columns.keys()]
    .toSorted((i, j) => total(columns[j]?.grades ?? []) - total(columns[i]?.grades ?? []))
    .slice(0, COMBINED)
    .toSorted((i, j) => i - j);
  const gates = new Map(best.map((i) => [i, gateOf(columns[i] as Column)]));
  return ordersOf(best, size).flatMap(
    (order) => proposed(columns, order, gates.get(order[0] as number) as Gate, most) ?? [],
  );
}

/**
 * The best panel within a cost, with grades that it has not seen: in each fold the panel is chosen on the other folds. Choosing among dozens
 * of panels on a few dozen questions flatters the one that is chosen, so that nothing but such grades says what it is worth.
 */
export function bestPanel(
  columns: readonly Column[],
  options: ProposeOptions,
): (Proposal & { readonly unseen: readonly number[]; readonly unseenCost: number }) | undefined {
  const best = chosenOf(columns, options);
  const items = columns[0]?.grades.length ?? 0;
  if (!best || items < 2 * FOLDS) return undefined;
  const unseen = Array.from({ length: items }, () => 0);
  let spent = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const part = (column: Column): Column => ({
      seen: column.seen.filter((_, item) => item % FOLDS !== fold),
      grades: column.grades.filter((_, item) => item % FOLDS !== fold),
      cost: column.cost,
    });
    const chosen = chosenOf(columns.map(part), options) ?? best;
    for (let item = fold; item < items; item += FOLDS) {
      const { asked, elected } = walked(
        chosen.panel,
        chosen.order.map((i) => columns[i]?.seen[item] as Seen),
      );
      unseen[item] = columns[chosen.order[elected] as number]?.grades[item] as number;
      spent += chosen.order.slice(0, asked).reduce((sum, i) => sum + (columns[i] as Column).cost, 0);
    }
  }
  return { ...best, unseen, unseenCost: spent / items };
}

const FOLDS = 5;

function chosenOf(columns: readonly Column[], options: ProposeOptions): Proposal | undefined {
  const all = proposals(columns, options);
  return all.reduce<Proposal | undefined>(
    (best, one) => (best === undefined || total(one.grades) > total(best.grades) ? one : best),
    undefined,
  );
}

/** A panel of these, in this order. */
export function panelOf(
  columns: readonly Column[],
  order: readonly number[],
  most: number,
  weights?: readonly number[],
): Proposal | undefined {
  const [first = 0] = order;
  return proposed(columns, order, gateOf(columns[first] as Column), most, weights);
}

const gateOf = ({ seen, grades }: Column): Gate =>
  fitGate(seen.map((one, i) => ({ seen: one, grade: grades[i] as number })));

function proposed(
  columns: readonly Column[],
  order: readonly number[],
  gate: Gate,
  most: number,
  weights: readonly number[] = order.map(() => 1),
): Proposal | undefined {
  const asked = order.map((i) => columns[i] as Column);
  const [first] = asked;
  if (!first || first.cost > most) return undefined;
  const whole: Panel = { gate, threshold: 2, weights };
  const items = first.seen.map((seen, item) => {
    const { asked: count, elected } = walked(
      whole,
      asked.map((column) => column.seen[item] as Seen),
    );
    return {
      item,
      chance: chanceOf(gate, seen),
      alone: first.grades[item] as number,
      together: asked[elected]?.grades[item] as number,
      more: asked.slice(1, count).reduce((sum, { cost }) => sum + cost, 0),
    };
  });
  const unsure = items.toSorted((a, b) => a.chance - b.chance || a.item - b.item);
  let [spent, sent] = [first.cost * items.length, 0];
  for (const { more } of unsure) {
    if (spent + more > most * items.length + 1e-9) break;
    spent += more;
    sent++;
  }
  const [last, next] = [unsure[sent - 1]?.chance, unsure[sent]?.chance];
  const threshold = next === undefined ? 2 : last === undefined ? 0 : (last + next) / 2;
  const grades = items.map(({ chance, alone, together }) => (chance < threshold ? together : alone));
  const cost =
    items.reduce((sum, { chance, more }) => sum + first.cost + (chance < threshold ? more : 0), 0) / items.length;
  return { order, panel: { gate, threshold, weights }, grades, cost };
}

/** All orders of two or more of some, up to so many. */
function ordersOf(of: readonly number[], size: number): readonly (readonly number[])[] {
  const grow = (order: readonly number[]): readonly (readonly number[])[] =>
    order.length >= size ? [] : of.flatMap((i) => (order.includes(i) ? [] : [[...order, i], ...grow([...order, i])]));
  return grow([]).filter((order) => order.length >= 2);
}

const total = (grades: readonly number[]): number => grades.reduce((sum, grade) => sum + grade, 0);
