/** The text form of a composed model. What is printed here parses back (`formula.ts`) to the same model. */
import type { Model } from '../model.ts';
import type { FieldKind, Schema } from './options.ts';
import { scorerName, type Scorer } from '../technique/scorer.ts';

/** Names that need no quotes in a formula. */
export const BARE_NAME = /^[A-Za-z0-9_.~/@$-][\w.~:/@$-]*$/;
const NUMBER_LIKE = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const WORDS = new Set(['true', 'false', 'null']);

/** A model's name as it stands in a formula: quoted where the grammar would not read it as one name. */
export function printName(name: string): string {
  return BARE_NAME.test(name) && !NUMBER_LIKE.test(name) && !WORDS.has(name) ? name : JSON.stringify(name);
}

/** `bestOfN(n=8)`: options at their defaults are left out; models come first. */
export function printCall(
  name: string,
  schema: Schema,
  options: { readonly [option: string]: unknown },
  models: readonly Model[] = [],
): string {
  const given = Object.entries(schema)
    .filter(([option, field]) => options[option] !== undefined && options[option] !== field.default)
    .map(([option, field]) => `${option}=${printValue(field.kind, options[option])}`);
  const inside = [...models.map((model) => model.name), ...given].join(', ');
  return inside ? `${name}(${inside})` : name;
}

/** A value of an option as it stands in a formula. */
export function printValue(kind: FieldKind, value: unknown): string {
  if (kind === 'model') return (value as Model).name;
  if (kind === 'models') return `[${(value as Model[]).map((model) => model.name).join(', ')}]`;
  if (kind === 'scorer') return printScorer(value as Scorer);
  if ((kind === 'function' || kind === 'answer') && typeof value !== 'string')
    return printName((value as { name: string }).name || 'anonymous');
  return Array.isArray(value) ? `[${value.map((x) => JSON.stringify(x)).join(', ')}]` : JSON.stringify(value);
}

/** A scorer's name is already a formula where it is a call: `judge(tiny)`. */
function printScorer(scorer: Scorer): string {
  const name = scorerName(scorer);
  return name.startsWith('judge(') ? name : printName(name);
}
