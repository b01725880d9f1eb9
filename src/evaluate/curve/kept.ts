/** The curves that a run keeps, read again. */
import { CURVE_ITEM, type Curve } from './result.ts';

/** In the order of the formulas. What another version kept in another form is left out. */
export function keptCurves(items: readonly { readonly item: string; readonly result: unknown }[]): readonly Curve[] {
  return items
    .flatMap(({ item, result }) => {
      const { curve, formula, warnings = [], ...rest } = (result ?? {}) as Partial<Curve>;
      if (!item.startsWith(CURVE_ITEM) || !Array.isArray(curve) || typeof formula !== 'string') return [];
      return [{ number: Number(item.slice(CURVE_ITEM.length)), found: { ...rest, curve, formula, warnings } as Curve }];
    })
    .toSorted((a, b) => a.number - b.number)
    .map(({ found }) => found);
}
