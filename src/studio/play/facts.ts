/** The catalog as facts: what a person chooses from, without the code behind it. Runs in a browser. */
import type { AnyTechnique, Definition, Field } from '../../core/index.ts';
import { printValue } from '../../core/formula/print.ts';
import { inWords } from '../../evaluate/expression.ts';
import type { OptionFacts, TechniqueFacts } from './protocol.ts';

export function factsOf({ definition, takes }: AnyTechnique): TechniqueFacts {
  const { name, room, summary, calls, options } = definition;
  return {
    name,
    room,
    summary,
    takes,
    calls: inWords(calls),
    needs: needsOf(definition),
    paper: definition.paper,
    options: Object.entries<Field<unknown>>(options).map(([option, field]) => optionFacts(option, field)),
  };
}

function optionFacts(
  name: string,
  { kind, doc, presence, default: fallback, values = [] }: Field<unknown>,
): OptionFacts {
  return {
    name,
    kind,
    doc,
    required: presence === 'required',
    default: fallback === undefined ? undefined : printValue(kind, fallback),
    values,
  };
}

/** With the options at their defaults: what a required option would change is not known yet. */
function needsOf({ needs, options }: Definition): readonly string[] {
  const defaults = Object.fromEntries(
    Object.entries<Field<unknown>>(options).map(([name, field]) => [name, field.default]),
  );
  try {
    return needs?.(defaults) ?? [];
  } catch {
    return [];
  }
}
