/** What plusx calls and did not write may never come back: a scorer, a search, a memory, a program, a person. A limit ends it all the same. */
import { describe, expect, it } from 'vitest';
import { exampleOf, listening, optionsOf } from '../scripts/examples.ts';
import { timeOfItsOwn } from '../scripts/soak/time.ts';
import { techniques } from './catalog.ts';
import { ask, BudgetExceeded, scorer, type AnyTechnique, type Host, type Model } from './core/index.ts';

const never = (): Promise<never> => new Promise(() => {});
const host: Host = {
  memory: { name: 'm', put: never, search: never, list: never, namespaces: never, remove: never },
  respond: never,
  sandbox: { name: 's', languages: ['javascript', 'python'], run: never },
};

/** The technique as its example has it, with nothing of it that comes back but the model. */
function waiting(technique: AnyTechnique): Model | undefined {
  const example = optionsOf(technique);
  if (!example) return undefined;
  const given = Object.entries(example.options).map(([name, value]) => {
    const { kind } = technique.definition.options[name] ?? {};
    return [name, kind === 'scorer' ? scorer('never', never) : name === 'search' ? never : value] as const;
  });
  return exampleOf(technique, listening(0), Object.fromEntries(given))?.model;
}

const all = techniques.flatMap((one) => {
  const model = waiting(one);
  return model ? [[one.definition.name, model] as const] : [];
});

describe.each(all)('%s, over work that never comes back', (_, model) => {
  it('ends with the time it is given, and keeps the answer that is there', async () => {
    const time = timeOfItsOwn();
    const run = ask(model, 'How much is 2 + 2?', { host, clock: time, budget: { ms: 1000 } }).catch(
      (error: unknown) => error,
    );
    expect(await time.until(run)).not.toBe('hangs');
    const ended = await run;
    expect(ended instanceof Error && !(ended instanceof BudgetExceeded)).toBe(false);
  });

  it('ends when it is stopped', async () => {
    const time = timeOfItsOwn();
    const [controller, reason] = [new AbortController(), new Error('enough')];
    time.after(1000, () => controller.abort(reason));
    const run = ask(model, 'How much is 2 + 2?', { host, clock: time, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    expect(await time.until(run)).not.toBe('hangs');
    expect([time.now() < 1000, (await run) === reason]).toContain(true);
  });
});
