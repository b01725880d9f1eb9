/** Whose notes: the namespace an option names, and within it the user a request carries. No text decides either. */
import { checkName, NAME_RULE } from '../../core/host/names.ts';
import { InvalidOption, option, type Request } from '../../core/index.ts';

/** The options of every technique that remembers. */
export const PLACE = {
  namespace: option.text({ doc: 'where the notes are', default: 'default' }),
  shared: option.flag({ doc: 'the notes are the same for every user', default: false }),
};

/** The rule a namespace breaks: the signs @ and # set users and parts apart. */
export function checkPlace({ namespace }: { readonly namespace: string }) {
  if (!/^[^@#]+$/.test(namespace)) return { option: 'namespace' as const, rule: 'must be a text without @ and #' };
  return namespace.isWellFormed() ? undefined : { option: 'namespace' as const, rule: NAME_RULE };
}

export interface Whose {
  /** Default `default`. */
  readonly namespace?: string | undefined;
  readonly user?: string | undefined;
  /** What else a technique keeps apart, such as a cheatsheet beside the examples it is made from. */
  readonly part?: string | undefined;
}

/** The namespace of a memory in which the notes of a user are: `default`, `mia@default`, `mia@default#cheatsheet`. */
export function namespaceOf({ namespace = 'default', user, part }: Whose = {}): string {
  const broken = checkPlace({ namespace });
  if (broken) throw new InvalidOption({ where: 'namespaceOf', ...broken, value: namespace });
  if (user === '') throw new InvalidOption({ where: 'namespaceOf', option: 'user', rule: 'must not be empty' });
  if (user !== undefined) checkName('namespaceOf', 'user', user);
  if (part !== undefined) checkName('namespaceOf', 'part', part);
  // Neither sign occurs in a namespace or a part, so the last @ ends the user, whatever signs a user has.
  return `${user === undefined ? '' : `${user}@`}${namespace}${part === undefined ? '' : `#${part}`}`;
}

/** Where the notes for a request are. The user is what the program put into `providerOptions.plusx.user`. */
export function placeOf(
  { providerOptions }: Request,
  { namespace, shared }: { readonly namespace: string; readonly shared: boolean },
  part?: string,
): string {
  const user = providerOptions?.['plusx']?.['user'];
  if (user !== undefined && (typeof user !== 'string' || user === ''))
    throw new InvalidOption({
      where: 'request',
      option: 'providerOptions.plusx.user',
      rule: 'must be a text that is not empty',
      value: user,
    });
  if (user !== undefined) checkName('request', 'providerOptions.plusx.user', user);
  return namespaceOf({ namespace, user: shared ? undefined : user, part });
}
