import { afterAll, describe, expect, it } from 'vitest';
import { ask, plus, type Host, type Model } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { openSandbox } from '../../sandbox/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './program-of-thoughts.law.ts';
import { programOfThoughts } from './program-of-thoughts.ts';

testLaw(law);

const sandbox = await openSandbox({ timeoutMs: 15_000 });
afterAll(() => sandbox.close());
const host: Host = { sandbox };

describe('programOfThoughts', () => {
  it('says the answer from the result, in the form that was asked for', async () => {
    const model = scripted(['return 12 / 5;', 'Answer: (B)']);
    const transformed: Model = plus(model, programOfThoughts({ conclude: 1 }));
    const { sample } = await ask(
      transformed,
      { prompt: [{ role: 'user', content: [{ type: 'text', text: 'A or B?' }] }], responseFormat: { type: 'json' } },
      { host },
    );
    expect(sample.content).toEqual([{ type: 'text', text: 'Answer: (B)' }]);
    expect(sample.providerMetadata?.['plusx']).toMatchObject({ program: 'return 12 / 5;', result: '2.4', repairs: 0 });
    expect(model.calls.map(({ request }) => request.responseFormat?.type)).toEqual([undefined, 'json']);
    expect(JSON.stringify(model.calls[1]?.request.prompt.at(-1))).toContain('returns: 2.4');
  });

  it('with no budget left to conclude gives the result, and without a result concludes nothing', async () => {
    const cut = await ask(plus(scripted(['return 5;']), programOfThoughts({ conclude: 1 })), 'q', {
      host,
      budget: { calls: 1 },
    });
    expect([cut.sample.answer, cut.exhausted]).toEqual(['5', 'calls']);
    const none = scripted(['No.']);
    expect((await ask(plus(none, programOfThoughts({ conclude: 1 })), 'q', { host })).sample.answer).toBe(null);
    expect(none.calls).toHaveLength(1);
  });
});
