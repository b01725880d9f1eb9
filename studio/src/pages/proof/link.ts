/** What a reader changed of a law, as the page's link holds it: only what differs from the law as it stands in the tests. */
import type { LawFacts, Values } from './protocol.ts';

/** Letters of a link, at most: what is longer is no table that somebody wrote. */
const MOST = 20_000;

/** A number that is left out is written as null: JSON has no other word for it. */
export function linkOf(values: Values | undefined, { values: own }: Pick<LawFacts, 'values'>): string | undefined {
  const changed = Object.entries(values ?? {}).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(own[name]),
  );
  return changed.length === 0 ? undefined : JSON.stringify(Object.fromEntries(changed));
}

/** What a link says, of the parameters that the law has; nothing where it says nothing of them. The law checks the values. */
export function valuesIn(link: string | null, { parameters, values: own }: LawFacts): Values | undefined {
  if (link === null || link.length > MOST) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(link, (_, value: unknown) => (value === null ? Number.NaN : value));
  } catch {
    return undefined; // somebody typed it
  }
  if (typeof read !== 'object' || read === null) return undefined;
  const said = new Map<string, unknown>(Object.entries(read));
  const changed = parameters.filter(({ name }) => said.has(name)).map(({ name }) => [name, said.get(name)] as const);
  return changed.length === 0 ? undefined : { ...own, ...Object.fromEntries(changed) };
}
