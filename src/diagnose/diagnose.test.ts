import { describe, expect, it } from 'vitest';
import { questionOf, textOf, UpstreamError, user, type Message } from '../core/index.ts';
import { enumerable, scripted, type Distribution } from '../models/written/index.ts';
import { memoryOf } from '../remember/index.ts';
import { metricOf, type Item, type Task } from '../tasks/index.ts';
import { diagnose, planDiagnosis, type Diagnosis, type Finding, type Topic } from './index.ts';

const SIZE = 60;
const task: Task = {
  name: 'numbers',
  items: Array.from({ length: SIZE }, (_, i): Item => ({
    id: `${i}`,
    request: { prompt: [user(`Question ${i}: how many?`)] },
    expected: 1000 + i,
  })),
  metric: metricOf('numeric'),
  answer: 'number',
};
const numberIn = (prompt: readonly Message[]): number =>
  Number(/Question (\d+)/.exec(prompt.map(({ content }) => textOf(content)).join('\n'))?.[1] ?? -1);
const all = (prompt: readonly Message[]): string => prompt.map(({ content }) => textOf(content)).join('\n');

/** A model that answers in a way of its own; `right` is the right answer. */
const answering = (of: (right: string, prompt: readonly Message[], i: number) => Distribution) =>
  enumerable({
    answers(prompt) {
      const i = numberIn(prompt);
      const right = `Answer: ${1000 + i}`;
      // Asked to find fault, it finds none, so that a critique leaves what it reads.
      if (!questionOf(prompt).startsWith('Question') && /critique|feedback|mistake/i.test(questionOf(prompt)))
        return { 'It is correct.': 1 };
      return of(right, prompt, i);
    },
  });
const finding = ({ findings }: Diagnosis, about: Topic): Finding =>
  findings.find((one) => one.about === about) as Finding;
const spread = (weight: number): Distribution =>
  Object.fromEntries(Array.from({ length: 9 }, (_, k) => [`Answer: ${k}`, weight]));

describe('a model whose truth is known', () => {
  it('right half of the time, wrong in many ways: votes help, and a stop rule knows when', async () => {
    const found = await diagnose(
      answering((right) => ({ [right]: 9, ...spread(1) })),
      task,
    );
    expect(found.accuracy).toBeGreaterThan(0.35);
    expect(finding(found, 'votes')).toMatchObject({ can: 'helps' });
    expect(finding(found, 'votes').figures['wrongModes']).toBeLessThan(0.2);
    expect(finding(found, 'stopping').figures['rightWhenAgree']).toBeGreaterThan(0.8);
    // The mode is right, so the sampler's own mode is as good for one call: it comes before the vote.
    expect(finding(found, 'greedy')).toMatchObject({ can: 'helps' });
    expect(found.formulas[0]).toMatchObject({
      formula: 'enumerable + request(temperature=0)',
      callsPerItem: 1,
      accuracy: 1,
    });
    expect(found.formulas.map(({ about }) => about)).toContain('votes');
    expect(found.verdict).toBe('The first of these helps. plusx compare measures it on all items.');
  });

  it('with a wrong answer in front: votes hurt, and only a verifier could choose', async () => {
    const found = await diagnose(
      answering((right) => ({ [right]: 3, 'Answer: 7': 7 })),
      task,
    );
    expect(finding(found, 'votes')).toMatchObject({ can: 'hurts' });
    expect(finding(found, 'votes').figures['wrongModes']).toBeGreaterThan(0.5);
    expect(finding(found, 'greedy')).toMatchObject({ can: 'hurts' });
    expect(finding(found, 'verifier').figures['pass5']).toBeGreaterThan(0.7);
    expect(found.formulas.map(({ about, isCeiling }) => [about, isCeiling])).toEqual([['verifier', true]]);
    expect(found.verdict).toContain('A verifier could');
  });

  it('that only lacks the format: format first', async () => {
    const found = await diagnose(
      answering((right, prompt) =>
        all(prompt).includes('End your reply with a line') ? { [right]: 1 } : { 'It is hard to say.': 4, [right]: 1 },
      ),
      task,
    );
    expect(finding(found, 'format').figures['unreadable']).toBeCloseTo(0.8, 0);
    expect(finding(found, 'format')).toMatchObject({ can: 'helps' });
    expect(found.formulas[0]).toMatchObject({ about: 'format', accuracy: 1 });
    expect(found.verdict).toMatch(/^Format first/);
  });

  it('that is hopeless: nothing here will help, and it says why', async () => {
    const found = await diagnose(
      answering(() => spread(1)),
      task,
    );
    expect(found.accuracy).toBe(0);
    expect(finding(found, 'verifier').figures).toEqual({ pass5: 0, never: 1 });
    expect(found.formulas).toEqual([]);
    expect(found.findings.filter(({ can }) => can === 'helps' || can === 'may')).toEqual([]);
    expect(found.verdict).toBe(
      'Nothing here will help: on 100% of the items none of five answers is right, and nothing that was tried changes that. A stronger model would.',
    );
  });

  it('that is always right: nothing here will help either', async () => {
    const found = await diagnose(
      answering((right) => ({ [right]: 1 })),
      task,
    );
    expect(found.verdict).toBe('Nothing here will help: 100% of single answers are right already.');
  });

  it('that knows it where a page says it: look it up', async () => {
    const memory = memoryOf(
      task.items.map(({ id }) => ({ id, text: `Question ${id} is answered by the number ${1000 + Number(id)}.` })),
    );
    const found = await diagnose(
      answering((right, prompt) =>
        all(prompt).includes('is answered by the number') ? { [right]: 1 } : { [right]: 1, ...spread(1) },
      ),
      task,
      { host: { memory } },
    );
    expect(finding(found, 'page')).toMatchObject({ can: 'helps', formula: 'enumerable + rag' });
    expect(found.formulas[0]).toMatchObject({ about: 'page', accuracy: 1 });
  });

  it('that talks itself out of what is right: a round of critique hurts', async () => {
    const model = enumerable({
      answers(prompt) {
        const i = numberIn(prompt);
        return /^Question \d+: how many\?$/.test(questionOf(prompt))
          ? { [`Answer: ${1000 + i}`]: 4, 'Answer: 5': 1 }
          : { 'I was wrong. Answer: 5': 1 };
      },
    });
    const found = await diagnose(model, task);
    expect(finding(found, 'critique')).toMatchObject({ can: 'hurts' });
    expect(finding(found, 'critique').figures['worse']).toBeGreaterThan(10);
  });
});

describe('the budget', () => {
  const model = answering((right) => ({ [right]: 1, ...spread(1) }));

  it('says how many items there are, and is never exceeded', async () => {
    const [few, more] = await Promise.all([diagnose(model, task, { budget: { calls: 120 } }), diagnose(model, task)]);
    expect(few.spending.calls).toBeLessThanOrEqual(120);
    expect(more.spending.calls).toBeLessThanOrEqual(300);
    expect(few.items).toBeLessThan(more.items);
    expect(more.items).toBeGreaterThanOrEqual(24);
    expect([more.items, more.total]).toEqual([(await planDiagnosis(model, task)).items, SIZE]);
  });

  it('that affords nothing is refused, with the least that would do', async () => {
    await expect(diagnose(model, task, { budget: { calls: 20 } })).rejects.toThrow(
      /budget\.calls must afford 8 items of 12 calls, which is 96, got 20/,
    );
  });

  it('is the same for the same seed, whatever the concurrency, and takes other items for another', async () => {
    const [one, two, other] = await Promise.all([
      diagnose(model, task, { seed: 1, concurrency: 1 }),
      diagnose(model, task, { seed: 1, concurrency: 8 }),
      diagnose(model, task, { seed: 2 }),
    ]);
    expect(two).toEqual(one);
    expect(other.findings).not.toEqual(one.findings);
  });
});

it('a probe that fails says nothing, and ends nothing', async () => {
  const model = answering((right) => ({ [right]: 9, ...spread(1) }));
  const refuses = {
    ...model,
    async sample(request: Parameters<typeof model.sample>[0], context: Parameters<typeof model.sample>[1]) {
      if (request.temperature === 0) throw new TypeError('no such setting');
      return model.sample(request, context);
    },
  };
  const found = await diagnose(refuses, task);
  expect(finding(found, 'greedy')).toMatchObject({ can: 'untried' });
  expect(finding(found, 'votes').can).toBe('helps');
  expect(found.warnings.map(({ message }) => message)).toContain(
    'enumerable + request(temperature=0): TypeError: no such setting',
  );
});

describe('what fails is not taken for what was found', () => {
  const away = () =>
    new UpstreamError({ url: 'http://x', status: 429, body: 'the account is empty', retryable: false });
  /** Answers one draw at a time, right half of the time, until so many calls were made. */
  const until = (calls: number) => {
    let made = 0;
    return scripted(
      ({ prompt }, { choice }) =>
        ++made > calls ? away() : `Answer: ${choice.categorical([1, 1]) === 0 ? 1000 + numberIn(prompt) : 7}`,
      { name: 'm', native: false, can: { concurrency: 1 } },
    );
  };

  it.each([52, 98])(
    'an account that is empty after %i calls: items without their samples are no items',
    async (calls) => {
      const { items, failed, findings, verdict, accuracy } = await diagnose(until(calls), task);
      const plan = (await planDiagnosis(until(0), task)).items;
      expect(items).toBe(Math.min(plan, Math.floor(calls / 5)));
      expect(failed).toBe(plan - items);
      expect(accuracy).toBeGreaterThan(0.2);
      expect(JSON.stringify(findings)).not.toMatch(/NaN|null/);
      for (const about of ['greedy', 'rewording', 'critique'] as const)
        expect(findings.find((one) => one.about === about && one.formula !== undefined)?.can).toBe('untried');
      expect(verdict).not.toMatch(/^Nothing here will help/);
    },
  );

  it('a critique whose calls fail changes nothing because there was none', async () => {
    const model = enumerable({
      answers: (prompt) => {
        if (!questionOf(prompt).startsWith('Question') && /critique|feedback|mistake/i.test(all(prompt))) throw away();
        return { 'Answer: 7': 1 };
      },
    });
    const found = await diagnose(model, task);
    expect(finding(found, 'critique')).toMatchObject({ can: 'untried', gain: undefined });
    expect(found.verdict).toMatch(/^Not known: 1 of what was to be tried failed/);
  });
});
