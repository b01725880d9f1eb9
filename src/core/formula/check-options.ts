import { InvalidOption } from '../errors.ts';
import { nearest } from './nearest.ts';
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

/** Refuses a name that is none of those known, and says which is meant: a misspelt option would be none at all. */
export function checkNames(where: string, given: object, names: readonly string[], kind = 'option'): void {
  for (const option of Object.keys(given)) {
    if (names.includes(option)) continue;
    const near = nearest(option, names);
    throw new InvalidOption({
      where,
      option: JSON.stringify(option),
      rule: `is no ${kind}`,
      hint: `${near ? `Did you mean \`${near}\`? ` : ''}It has: ${names.join(', ') || 'none'}`,
    });
  }
}
