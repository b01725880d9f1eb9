/** The laws of `npm run laws`, listed and checked: what the worker of the proof page does. */
import { techniques } from '../../../../src/catalog.ts';
import { InvalidOption, type Field } from '../../../../src/core/index.ts';
import { laws } from '../../../../src/laws.ts';
import { verify, type ExactLaw } from '../../../../src/testing/laws/technique-law.ts';
import type { Aim, Asked, Checked, LawFacts, Refused, Sheet } from './protocol.ts';

/** Paths that are visited for a reader: about a second or two. */
export const MOST_PATHS = 20_000;

export function sheets(): Sheet[] {
  return laws.flatMap(({ technique, exact }) => {
    const found = techniques.find(({ definition }) => definition.name === technique);
    if (!found) return [];
    const { room, summary, paper } = found.definition;
    return [{ technique, room, summary, paper, laws: exact.map(factsOf) }];
  });
}

/** Visits every path and compares with the closed form, or says in words why it cannot. */
export async function check({ technique, index, values }: Asked): Promise<Checked | Refused> {
  const law = laws.find((one) => one.technique === technique)?.exact[index];
  if (!law) return { message: `There is no law ${index + 1} of ${technique}.`, parameter: undefined };
  try {
    const at = values && law.variation ? law.variation.at(values) : law;
    const { found, expected, distance, kept, paths, calls } = await verify(at, MOST_PATHS);
    const texts = new Set([...expected.keys(), ...found.keys()]);
    const outcomes = Array.from(texts, (text) => ({
      text,
      found: found.get(text) ?? 0,
      expected: expected.get(text) ?? 0,
    }));
    outcomes.sort((a, b) => b.expected - a.expected || b.found - a.found || (a.text < b.text ? -1 : 1));
    return { law: at.law, holds: at.holds, kept, distance, paths, calls, outcomes, aim: aimOf(technique, at) };
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Refused {
  if (error instanceof InvalidOption)
    return {
      message: error.message.replace(/^law: /, ''),
      parameter: error.where === 'law' ? error.option : undefined,
    };
  if (error instanceof RangeError && error.message.startsWith('enumerate:'))
    return {
      message: `There are more than ${MOST_PATHS} paths to visit. Make a number or the model smaller.`,
      parameter: undefined,
    };
  return { message: error instanceof Error ? error.message : String(error), parameter: undefined };
}

function factsOf({ law, holds, variation }: ExactLaw): LawFacts {
  const parameters = Object.entries(variation?.parameters ?? {}).map(
    ([name, { kind, doc, values = [], min, max }]) => ({
      name,
      kind,
      doc,
      values,
      min,
      max,
    }),
  );
  return { law, holds, parameters, values: variation?.values ?? {} };
}

/** Of a law with values of its own, where they and the defaults are all options that it must have. */
function aimOf(name: string, { variation }: ExactLaw): Aim | undefined {
  const found = techniques.find(({ definition }) => definition.name === name);
  if (!found || !variation) return undefined;
  const { options, semantics } = found.definition;
  const at: { [option: string]: unknown } = {};
  for (const [option, { presence, kind, default: fallback }] of Object.entries<Field<unknown>>(options)) {
    at[option] = Object.hasOwn(variation.values, option) ? variation.values[option] : fallback;
    // A formula that names a number says nothing while there is none.
    if (at[option] === undefined && presence === 'required' && kind !== 'scorer' && kind !== 'model') return undefined;
  }
  const { kind, target, why } = semantics(at as never);
  return { kind, target, why };
}
