import { InvalidOption } from '../errors.ts';
import { checkNames } from './nearest.ts';
import type { Options, Schema } from './options.ts';

/** Checks options against a schema and fills in defaults. Throws InvalidOption naming `where`, the rule and the value. */
export function checkOptions<S extends Schema>(
  where: string,
  schema: S,
  options: { readonly [option: string]: unknown },
): Options<S> {
  checkNames(where, options, Object.keys(schema));
  const checked = Object.entries(schema).map(([option, { presence, broken, default: fallback }]) => {
    const value = options[option] === undefined ? fallback : options[option];
    if (value === undefined && presence !== 'required') return [option, undefined];
    const rule = value === undefined ? 'is required' : broken(value);
    if (rule) throw new InvalidOption({ where, option, rule, value });
    return [option, value];
  });
  return Object.freeze(Object.fromEntries(checked)) as Options<S>;
}
