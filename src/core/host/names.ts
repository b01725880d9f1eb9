/** Names under which things are kept: namespaces, users, notes, runs, items, traces. */
import { InvalidOption } from '../errors.ts';

/**
 * Refuses a name that is not well-formed Unicode. A database, a file or a server puts one and the same sign in the place
 * of every lone half of a pair, and so two such names become one: one user would find what another wrote.
 */
export function checkName(where: string, option: string, name: string): void {
  if (!name.isWellFormed())
    throw new InvalidOption({ where, option, rule: NAME_RULE, value: name, hint: 'Was it cut inside an emoji?' });
}

export const NAME_RULE = 'must be well-formed Unicode';
