/**
 * What a technique may use of the machine it runs on. It is passed in with the context and never reached for: without a
 * sandbox there are no programs, without a memory nothing is remembered, and without a listener nobody is asked.
 */
import type { Context, Host } from '../context/context.ts';
import { PlusxError } from '../errors.ts';

const WAYS_OUT: { readonly [part in keyof Host]-?: string } = {
  sandbox: 'Pass `host: { sandbox: await openSandbox() }` (plusx/sandbox) where you ask the model.',
  memory: 'Pass `host: { memory: openMemory({ file }) }` (plusx/store) where you ask the model.',
  respond: 'Pass `host: { respond }`, a function that puts a question to the person, where you ask the model.',
};

/** A technique needs a part of the host that was not passed in. */
export class HostMissing extends PlusxError {
  override readonly kind = 'usage';
  readonly technique: string;
  readonly part: keyof Host;

  constructor({ technique, part }: { readonly technique: string; readonly part: keyof Host }) {
    super(`${technique} needs a ${part === 'respond' ? 'person to ask' : part}, and there is none. ${WAYS_OUT[part]}`);
    this.technique = technique;
    this.part = part;
  }
}

/** The part of the host that a technique cannot do without. Throws HostMissing. */
export function hostPart<K extends keyof Host>({ host }: Context, technique: string, part: K): NonNullable<Host[K]> {
  const found = host?.[part];
  if (found === undefined) throw new HostMissing({ technique, part });
  return found;
}
