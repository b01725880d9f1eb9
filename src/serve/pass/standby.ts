/** Servers that a request may be handed to: one, and those that stand by for when it fails. */
import type { Model } from '../../core/index.ts';
import { nextAfter, standbyOf, type FailureKind } from '../../config/standby/index.ts';
import type { Answer } from '../http/answer.ts';
import type { HandedNeed } from '../keys/need.ts';
import { pass, type Behind, type Passing } from './pass.ts';

export interface Servers {
  readonly all: readonly [Behind, ...Behind[]];
  /** The place of the server that is asked after one has failed so; nothing where there is none. */
  after(at: number, failure: FailureKind): number | undefined;
}

/** The servers behind a model that is nothing else, or falls back on such models; nothing for any other. */
export function serversOf(model: Model, find: (model: Model) => Behind | undefined): Servers | undefined {
  const alone = find(model);
  if (alone) return { all: [alone], after: () => undefined };
  const standby = standbyOf(model);
  const [first, ...others] = standby?.models.map(find) ?? [];
  if (!standby || !first || !others.every((one) => one !== undefined)) return undefined;
  return { all: [first, ...others], after: (at, failure) => nextAfter(standby.on, at, failure) };
}

/** What a request can take of all of them: one that fails may bill it as well. */
export function needOfAll(needs: readonly HandedNeed[]): HandedNeed {
  const [first, second] = needs as readonly [HandedNeed, ...HandedNeed[]];
  if (!second) return first;
  const sum = (of: (need: HandedNeed) => number | undefined): number | undefined =>
    needs.reduce<number | undefined>((total, need) => {
      const one = of(need);
      return total === undefined || one === undefined ? undefined : total + one;
    }, 0);
  const noPrice = needs.find((need) => need.noPrice !== undefined)?.noPrice;
  return {
    ...first,
    calls: sum(({ calls }) => calls),
    tokens: sum(({ tokens }) => tokens),
    usd: sum(({ usd }) => usd),
    ...(noPrice !== undefined && { noPrice }),
  };
}

/** Hands a request to the first server, and to another one each time that one fails in a way it stands by for. */
export async function passToOne(
  { all, after }: Servers,
  passingTo: (at: number, falls: Passing['falls']) => Passing,
  onFall: (failure: FailureKind) => void,
): Promise<Answer> {
  for (let at = 0; ;) {
    const here = at;
    const falls = all.length > 1 ? (failure: FailureKind) => after(here, failure) !== undefined : undefined;
    const answer = await pass(passingTo(here, falls));
    if (!('failed' in answer)) return here === 0 ? answer : named(answer, all[here] as Behind);
    onFall(answer.failed);
    at = after(here, answer.failed) as number;
  }
}

/** The answer of a model in place of the first, with its name. */
const named = (answer: Answer, { name }: Behind): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'x-plusx-fallback': encodeURI(name) },
});
