/**
 * One address, one decision: whatever is put on top of whatever, no two draws and no two choices of a run share the address that
 * keys their randomness, or they would always fall out alike. The enumerator refuses it on small models; here are all techniques.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleOf, host, listening } from '../scripts/examples.ts';
import { techniques } from './catalog.ts';
import { ask, CapabilityMissing, drawAt, PlusxError, seeded, type AnyTechnique, type Model } from './core/index.ts';
import { recording } from './testing/laws/test-support/recording-choice.ts';

/** The model that techniques stand on, which notes the address of each draw. */
function drawing(used: string[]): Model {
  const { stream: _, ...base } = listening(0);
  return {
    ...base,
    sample(request, context) {
      const { n = 1, from = 0 } = request;
      for (let i = 0; i < n; i++) used.push(`${drawAt(context, from + i).choice.id} draw`);
      return base.sample(request, context);
    },
  };
}

const named = techniques.filter(({ definition }) => !(definition.needs && definition.room === 'decode'));

function twice(used: readonly string[]): string[] {
  const seen = new Set<string>();
  return used.filter((address) => seen.has(address) || !seen.add(address));
}

async function run(model: Model, used: string[], seed: number): Promise<void> {
  try {
    await ask(model, 'How much is 2 + 2?', { host, choice: recording(seeded(seed), used), budget: { calls: 400 } });
  } catch (error) {
    if (!(error instanceof PlusxError)) throw error;
  }
}

/** The techniques of a stack over the base, the first at the bottom; nothing where one needs more than what is below it has. */
function stacked(stack: readonly AnyTechnique[], base: Model): Model | undefined {
  try {
    return stack.reduce<Model | undefined>((below, technique) => below && exampleOf(technique, below)?.model, base);
  } catch (error) {
    if (error instanceof CapabilityMissing) return undefined;
    throw error;
  }
}

describe.each(named.map((technique) => [technique.definition.name, technique] as const))('%s', (_, technique) => {
  it('makes no two decisions at one address, whatever it stands on', async () => {
    let ran = 0;
    const below = fc.array(fc.constantFrom(...named), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(below, fc.nat(1000), async (stack, seed) => {
        const used: string[] = [];
        const model = stacked([...stack, technique], drawing(used));
        if (!model) return;
        await run(model, used, seed);
        expect([model.name, twice(used)]).toEqual([model.name, []]);
        if (used.length > 0) ran++;
      }),
      { numRuns: 8, examples: [[[], 0]] },
    );
    expect(ran).toBeGreaterThan(0);
  });
});
