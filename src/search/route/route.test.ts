import { describe, expect, it } from 'vitest';
import { ask, questionOf, type Request } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './route.law.ts';
import { route } from './route.ts';

testLaw(law);

const dear = (): ReturnType<typeof scripted> => scripted(() => 'dear', { name: 'dear' });
const cheap = (...answers: string[]): ReturnType<typeof scripted> => scripted(answers, { name: 'cheap' });

describe('route', () => {
  const pair = () => [cheap('cheap'), dear()] as const;

  it('tells the router what each model is good at, and asks the one it names', async () => {
    const router = scripted(['Model: 2'], { name: 'router' });
    const model = route(pair(), { router, about: 'short sums\nlong proofs' });
    const request: Request = {
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Prove it.' }] }],
      responseFormat: { type: 'json' },
    };
    const { text, sample, usage } = await ask(model, request);
    expect([text, usage.calls, sample.providerMetadata?.['plusx']]).toEqual(['dear', 2, { model: 'dear' }]);
    const asked = router.calls[0]?.request;
    expect(questionOf(asked?.prompt ?? [])).toContain('1. short sums\n2. long proofs');
    expect(asked?.prompt).toHaveLength(2);
    expect(asked?.responseFormat).toBeUndefined();
  });

  it.each(['Neither.', 'Model: 7', 'I have 2 thoughts'])('asks the first where the reply is "%s"', async (reply) => {
    const { text, warnings } = await ask(route(pair(), { router: scripted([reply]) }), 'q');
    expect([text, warnings.map(({ code }) => code)]).toEqual(['cheap', ['no-route']]);
  });

  it('asks whom a function names, and takes no other', async () => {
    const { text, usage } = await ask(route(pair(), { pick: () => Promise.resolve(1) }), 'q');
    expect([text, usage.calls]).toEqual(['dear', 1]);
    for (const index of [2, -1, 0.5])
      await expect(ask(route(pair(), { pick: () => index }), 'q')).rejects.toThrow(/pick must give an index below 2/);
  });

  it.each([
    [{}, /router or `pick` must be given, and not both/],
    [{ router: cheap('1'), pick: () => 0 }, /router or `pick` must be given, and not both/],
    [{ router: cheap('1'), about: 'one' }, /about must have 2 lines, one a model/],
  ])('refuses %o', (options, message) => {
    expect(() => route(pair(), options)).toThrow(message);
  });
});
