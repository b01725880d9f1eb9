/** What closed forms are written with: finite distributions, and models that have them. */
import { textOf, type Message, type Model } from '../../core/index.ts';
import { enumerable, type Distribution } from '../../models/written/index.ts';

export type { Distribution };

/** Probabilities of texts. */
export type P = ReadonlyMap<string, number>;

/** Weights as probabilities; what weighs nothing is not there. */
export function normal(weights: Distribution): P {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return new Map(Object.entries(weights).flatMap(([y, weight]) => (weight > 0 ? [[y, weight / total]] : [])));
}

/** A model that answers every question with the same distribution. */
export function finite(weights: Distribution, name = 'base'): Model {
  return enumerable({ name, answers: { '*': weights } });
}

/** Adds to the probability of `y`. */
export function add(into: Map<string, number>, y: string, p: number): void {
  into.set(y, (into.get(y) ?? 0) + p);
}

/** A model whose draws may all be in flight at once. */
export function sideBySide(model: Model): Model {
  return { ...model, can: { ...model.can, concurrency: Infinity } };
}

/** Every sequence of `n` independent draws, with its probability. */
export function sequences(p: P, n: number): (readonly [readonly string[], number])[] {
  if (n === 0) return [[[], 1]];
  return sequences(p, n - 1).flatMap(([drawn, mass]) => [...p].map(([y, q]) => [[...drawn, y], mass * q] as const));
}

/** Answers weighed by all that was said before, in place of those that the shared laws would take. */
export function weighed(prompt: readonly Message[], answers: readonly string[]): Distribution {
  let mixed = 11;
  for (const { content } of prompt)
    for (const char of textOf(content)) mixed = (Math.imul(mixed, 33) + char.charCodeAt(0)) >>> 0;
  return Object.fromEntries(answers.map((answer, i) => [answer, 1 + ((mixed >>> (3 * i)) % 5)]));
}

/** A model whose draws are numbered: it shows which of equal candidates is kept, where a distribution of texts cannot. */
export function numbered(): Model {
  const plain = finite({ x: 1 }, 'numbered');
  return {
    ...plain,
    async sample(request, context) {
      const drawn = await plain.sample(request, context);
      const text = (i: number): string => String((request.from ?? 0) + i);
      return {
        ...drawn,
        samples: drawn.samples.map((one, i) => ({ ...one, content: [{ type: 'text', text: text(i) }] })),
      };
    },
  };
}
