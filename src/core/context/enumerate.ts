/**
 * Runs a program once for every path of choices it can take, so that the distribution of its result is known exactly.
 * The program is production code, asynchronous and concurrent as it is; only its source of randomness is replaced.
 */
import { PlusxError } from '../errors.ts';
import { checkedTotal, type Choice } from './choice.ts';

export interface Outcome<T> {
  readonly probability: number;
  readonly value: T;
}

/** Two decisions of one run stand at one address: they would always fall out alike. */
export class SharedAddress extends PlusxError {
  override readonly kind = 'usage';
  readonly address: string;
  constructor({ address }: { readonly address: string }) {
    super(
      `Two decisions at the address "${address}" of one run are always the same. Fork the context by a key for each.`,
    );
    this.address = address;
  }
}

interface Decision {
  readonly id: string;
  readonly probabilities: readonly number[];
  index: number;
}

const nextPositive = (probabilities: readonly number[], from: number): number =>
  probabilities.findIndex((p, i) => i >= from && p > 0);

/**
 * Yields the outcome of every path. The probabilities of all outcomes sum to 1.
 * @param program must be deterministic given its choices: no clock, no other randomness.
 * @param limit the number of paths after which it gives up with a RangeError.
 */
export async function* enumerate<T>(
  program: (choice: Choice) => Promise<T>,
  { limit = 1_000_000 }: { readonly limit?: number } = {},
): AsyncGenerator<Outcome<T>> {
  let decisions: Decision[] = [];
  for (let paths = 0; paths < limit; paths++) {
    let position = 0;
    const asked = new Set<string>();
    const decide = (id: string, weights: readonly number[]): number => {
      // Two decisions at one address are one in a run, where the address keys the generator, and would be two here.
      if (asked.has(id)) throw new SharedAddress({ address: id });
      asked.add(id);
      const total = checkedTotal(weights);
      const probabilities = weights.map((weight) => weight / total);
      const index = nextPositive(probabilities, 0);
      if (nextPositive(probabilities, index + 1) === -1) return index; // no choice to make
      const made = decisions[position];
      if (made) {
        if (made.id !== id)
          throw new Error(
            `enumerate: the program is not deterministic: expected a choice at "${made.id}", got one at "${id}"`,
          );
        position++;
        return made.index;
      }
      decisions.push({ id, probabilities, index });
      position++;
      return index;
    };
    const value = await program(branch('', decide));
    const probability = decisions.reduce(
      (product, { probabilities, index }) => product * (probabilities[index] as number),
      1,
    );
    yield { probability, value };
    decisions = advance(decisions);
    if (decisions.length === 0) return;
  }
  throw new RangeError(`enumerate: more than ${limit} paths: make the model smaller or raise \`limit\``);
}

/** The next path in depth-first order: the last decision that has an alternative left takes it. */
function advance(decisions: readonly Decision[]): Decision[] {
  const path = [...decisions];
  for (let last = path.pop(); last; last = path.pop()) {
    const index = nextPositive(last.probabilities, last.index + 1);
    if (index !== -1) return [...path, { ...last, index }];
  }
  return [];
}

function branch(path: string, decide: (id: string, weights: readonly number[]) => number): Choice {
  let count = 0;
  return {
    categorical: (weights) => decide(`${path}#${count++}`, weights),
    fork: (key) => branch(`${path} > ${key}`, decide),
    seed() {
      throw new Error('enumerate: a back end that takes a seed cannot be enumerated: use an enumerable model');
    },
    id: path,
  };
}
