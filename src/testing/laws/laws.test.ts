import { describe, expect, it } from 'vitest';
import { bestOfN } from '../../search/index.ts';
import type { Transform } from '../../core/index.ts';
import { laws } from './laws.ts';

describe('laws that are broken', () => {
  const broken = async (transform: Transform): Promise<string[]> => {
    const failures: string[] = [];
    for (const { name, check } of laws(transform, { seeds: 2 })) await check().catch(() => failures.push(name));
    return failures;
  };

  it('are found in a transform that keeps neither account nor name', async () => {
    const failures = await broken((base) => ({
      name: 'mute',
      can: base.can,
      async sample(request, context) {
        const sampled = await base.sample(request, context);
        return { ...sampled, usage: { ...sampled.usage, calls: 0 } };
      },
    }));
    expect(failures).toContain('usage is the sum over the calls made');
    expect(failures).toContain('the formula parses back to the same model');
  });

  it('are found, with the cause, in a transform that draws twice at one address', async () => {
    const twice: Transform = (base) => ({
      name: `${base.name} + twice`,
      can: base.can,
      async sample(request, context) {
        await base.sample(request, context);
        return base.sample(request, context);
      },
    });
    const law = laws(twice, { seeds: 1 }).find(({ name }) => name === 'no two decisions share an address');
    await expect(law?.check()).rejects.toThrow(/have the address "draw\/0", so .*: fork the context by another key/);
  });

  it('are found in a transform that answers by who is first', async () => {
    const failures = await broken((base) => ({
      ...bestOfN({ n: 2, score: () => 1 })(base),
      async sample(request, context) {
        const draws = [0, 1, 2].map((from) => base.sample({ ...request, n: 1, from }, context));
        return Promise.race(draws);
      },
    }));
    expect(failures).toContain('same seed, same sample, whatever order calls end in');
  });
});
