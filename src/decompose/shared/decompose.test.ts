import { describe, expect, it } from 'vitest';
import { ask, plus, questionOf, system, textOf, UpstreamError, type Message, type Request } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/scripted.ts';
import { decomposedPrompting } from '../decomposed-prompting/decomposed-prompting.ts';
import { easyFirst } from '../easy-first/easy-first.ts';
import { leastToMost, SPLIT } from '../least-to-most/least-to-most.ts';
import { askedIn, filled, numbered, PART, referencesOf, WHOLE } from './parts.ts';
import { planAndSolve } from '../plan-and-solve/plan-and-solve.ts';
import { ASK, FINISH, selfAsk } from '../self-ask/self-ask.ts';
import { skeletonOfThought } from '../skeleton-of-thought/skeleton-of-thought.ts';

const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'How many?' }, image] },
];
const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
const formed: Request = { prompt, responseFormat: { type: 'json' }, tools, toolChoice: { type: 'auto' } };

const asked = ({ calls }: Scripted): string[] => calls.map(({ request }) => questionOf(request.prompt));
const facts = (sample: { providerMetadata?: unknown }): unknown =>
  (sample.providerMetadata as { plusx: unknown } | undefined)?.plusx;
/** A model that answers by the first key that what is asked holds. */
const replies = (table: { readonly [held: string]: string }): Scripted =>
  scripted(({ prompt: got }) => {
    const text = questionOf(got);
    return Object.entries(table).find(([held]) => text.includes(held))?.[1] ?? 'unasked';
  });

describe('the parts of a question', () => {
  it.each([
    ['Why?', { question: 'Why?', context: '', asked: 'Why?' }],
    ['Passage: A is B.\nQuestion: Who is A?\nAnswer directly.', { context: 'Passage: A is B.\n', asked: 'Who is A?' }],
    ['Question: old?\nQuestion: new?', { context: 'Question: old?\n', asked: 'new?' }],
  ])('stand after what is before them in %j', (text, expected) => {
    expect(askedIn({ prompt: [{ role: 'user', content: [{ type: 'text', text }] }] })).toMatchObject(expected);
  });

  it('are the items of a numbered list, however it is dressed', () => {
    expect(numbered('Here:\n1. One?\n 2) Two?\n**3. Three?**\n- not one\n4: Four? \n5.')).toEqual([
      'One?',
      'Two?',
      'Three?',
      'Four?',
    ]);
  });

  it('refer to earlier parts only', () => {
    expect(referencesOf('Add #1, #3, #1 and #9', 2)).toEqual([0]);
    expect(filled('Add #1, #2 and #9', ['7', undefined])).toBe('Add 7, #2 and #9');
    expect(filled('Why #1?', [`${'so'.repeat(200)}\nand more`])).toBe(`Why ${'so'.repeat(100)}?`);
  });
});

describe('leastToMost', () => {
  const table = {
    'Break it down': '1. One?\n2. Two of #1?\n3. How many?',
    'One?': 'It is 1.',
    'Two of 1': 'Answer: 2',
  };

  it('puts each part with the earlier ones and their answers, and the question itself last, in its form', async () => {
    const model = scripted(({ prompt: got }) => {
      const text = questionOf(got);
      if (text.includes('Break it down')) return '1. One?\n2. Two of #1?\n3. How many?';
      if (text.endsWith('briefly: One?')) return 'Answer: 7';
      return text.endsWith('briefly: Two of 7?') ? 'Fourteen.' : '{"all":21}';
    });
    const { text, sample } = await ask(plus(model, leastToMost()), formed);
    expect([text, facts(sample)]).toMatchObject(['{"all":21}', { parts: 3 }]);
    const whole = { question: 'How many?', context: '', asked: 'How many?' };
    const known = ['Q: One?\nA: 7\n', 'Q: One?\nA: 7\nQ: Two of 7?\nA: Fourteen\n'];
    expect(asked(model)).toEqual([
      SPLIT(whole),
      PART({ ...whole, part: 'One?', known: '' }),
      PART({ ...whole, part: 'Two of 7?', known: known[0] as string }),
      WHOLE({ ...whole, part: 'How many?', known: known[1] as string }),
    ]);
    for (const [i, { request }] of model.calls.entries()) {
      expect([request.prompt[0], request.prompt[1]?.content.at(-1)]).toEqual([prompt[0], image]);
      expect([request.responseFormat, request.tools, request.toolChoice]).toEqual(
        i < 3 ? [undefined, undefined, undefined] : [formed.responseFormat, tools, formed.toolChoice],
      );
    }
  });

  it('speaks a model’s own language, passage and all', async () => {
    const inner = replies({
      Split: '1. Who is the sister of A?\n2. Where does #1 live?',
      'Question: Who is the sister': 'Answer: B',
      'Question: Where does B': 'Answer: C',
    });
    const model = {
      ...inner,
      prompts: {
        'leastToMost.split': { say: ({ asked: q = '' }) => `Question: ${q}\nSplit it into simple questions.` },
        'leastToMost.part': {
          say: ({ context = '', part = '' }) => `${context}Question: ${part}\nAnswer from the passage.`,
        },
        'leastToMost.whole': {
          say: ({ context = '', part = '' }) => `${context}Question: ${part}\nAnswer from the passage.`,
        },
      },
    };
    const passage = 'Passage: B is the sister of A. B lives in C.\n';
    const { text } = await ask(
      plus(model, leastToMost()),
      `${passage}Question: Where does A's sister live?\nAnswer directly.`,
    );
    expect(text).toBe('Answer: C');
    expect(asked(inner)).toEqual([
      "Question: Where does A's sister live?\nSplit it into simple questions.",
      `${passage}Question: Who is the sister of A?\nAnswer from the passage.`,
      `${passage}Question: Where does B live?\nAnswer from the passage.`,
    ]);
  });

  it('asks the first parts and the last of a list that is too long, and says so', async () => {
    const model = replies({ ...table, 'Break it down': '1. a?\n2. b?\n3. c?\n4. d?' });
    const { warnings } = await ask(plus(model, leastToMost({ most: 2, whole: '{question} / {part}' })), 'How many?');
    expect(warnings).toMatchObject([{ code: 'parts-left-out' }]);
    expect(asked(model).slice(1)).toEqual([expect.stringContaining('briefly: a?'), 'How many? / d?']);
  });

  it('leaves out the last part of a list that was cut off, and says so', async () => {
    const model = scripted(({ prompt: got }) =>
      questionOf(got).includes('Break it down') ? { text: '1. a?\n2. b?\n3. bbbb', finish: 'length' } : 'Answer: 1',
    );
    const { warnings } = await ask(plus(model, leastToMost({ whole: '{question} / {part}' })), 'How many?');
    expect([warnings[0]?.code, asked(model).at(-1)]).toEqual(['list-cut-off', 'How many? / b?']);
  });

  it('asks the question as it is where there is no list, and says so', async () => {
    const model = replies({ 'Break it down': 'I cannot.', 'How many?': '42' });
    const { text, warnings } = await ask(plus(model, leastToMost()), 'How many?');
    expect([text, warnings[0]?.code, asked(model)[1]]).toEqual(['42', 'no-parts', 'How many?']);
  });
});

describe('selfAsk', () => {
  const whole = { question: 'How many?', context: '', asked: 'How many?' };
  const model = (): Scripted =>
    scripted(({ prompt: got }) => {
      const text = questionOf(got);
      if (text.endsWith('briefly: One?')) return 'Answer: 1';
      if (text.includes('Give the final answer now')) return '{"all":1}';
      return text.includes('A: 1') ? 'So the final answer is: 1' : '**Follow up:** One?';
    });

  it('has follow-ups answered until the final answer, by another model where one is given', async () => {
    const answerer = replies({ 'One?': 'Answer: 1' });
    const base = model();
    const { text, sample } = await ask(plus(base, selfAsk({ answerer })), 'How many?');
    expect([text, facts(sample)]).toMatchObject(['So the final answer is: 1', { followUps: 1 }]);
    expect(asked(base)).toEqual([ASK({ ...whole, known: '' }), ASK({ ...whole, known: 'Q: One?\nA: 1\n' })]);
    expect(asked(answerer)).toEqual([PART({ ...whole, part: 'One?', known: '' })]);
  });

  it('draws the final answer in the form of the request', async () => {
    const base = model();
    const { text } = await ask(plus(base, selfAsk()), formed);
    expect([text, asked(base).at(-1)]).toEqual(['{"all":1}', FINISH({ ...whole, known: 'Q: One?\nA: 1\n' })]);
    expect(base.calls.at(-1)?.request).toMatchObject({ responseFormat: { type: 'json' }, tools });
  });

  it('ends after so many steps, and takes a reply of no form for the answer', async () => {
    const curious = replies({ briefly: 'Answer: 1', 'Give the final': 'Enough.', 'Follow up': 'Follow up: More?' });
    expect((await ask(plus(curious, selfAsk({ steps: 2 })), 'q')).text).toBe('Enough.');
    expect(curious.calls).toHaveLength(5);
    const { text, warnings } = await ask(plus(replies({ 'How many?': 'Forty.' }), selfAsk()), 'How many?');
    expect([text, warnings[0]?.code]).toEqual(['Forty.', 'no-form']);
  });
});

describe('planAndSolve', () => {
  it('plans in prose and solves in form, or does both in one draw', async () => {
    const model = replies({ 'Reply with the plan only': 'count', 'Carry out the plan': '3' });
    const { text, sample } = await ask(plus(model, planAndSolve()), formed);
    expect([text, facts(sample)]).toMatchObject(['3', { plan: 'count' }]);
    expect(model.calls.map(({ request }) => request.responseFormat)).toEqual([undefined, formed.responseFormat]);
    const once = replies({ 'Then carry out': '4' });
    expect((await ask(plus(once, planAndSolve({ apart: false })), formed)).usage.calls).toBe(1);
    expect(() => planAndSolve({ apart: false, planner: model })).toThrow(/planner goes with apart=true/);
  });
});

describe('decomposedPrompting', () => {
  const list = '1. [find] Who?\n2. Where?\n3. How old is #1?\n4. [search] Sum of #2 and #3?';

  it('asks what waits for nothing at once, and hands parts to whom they are tagged for', async () => {
    const order: string[] = [];
    const [begun, aged] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const base = scripted(async ({ prompt: got }) => {
      const text = questionOf(got);
      if (text.includes('Split it')) return list;
      const part = /briefly: (.*)$/.exec(text)?.[1] ?? 'whole';
      order.push(`> ${part}`);
      if (part === 'Where?') {
        begun.resolve();
        await aged.promise; // the slowest of all
      }
      if (part === 'How old is Ann?') aged.resolve();
      order.push(`< ${part}`);
      return part === 'Where?' ? 'Answer: here' : part === 'whole' ? 'done' : 'Answer: 9';
    });
    const finder = scripted(async ({ prompt: got }) => {
      order.push(`> ${/briefly: (.*)$/.exec(questionOf(got))?.[1]}`);
      await begun.promise;
      order.push('< found');
      return 'Answer: Ann';
    });
    const model = plus(base, decomposedPrompting({ handlers: [finder], tags: 'find' }));
    const { text, warnings, sample } = await ask(model, 'How many?');
    expect(order).toEqual([
      '> Who?',
      '> Where?',
      '< found',
      '> How old is Ann?',
      '< How old is Ann?',
      '< Where?',
      '> whole',
      '< whole',
    ]);
    expect([text, facts(sample), warnings]).toMatchObject(['done', { parts: 4 }, [{ code: 'unknown-tag' }]]);
    expect(asked(base).at(-1)).toContain('Q: Who?\nA: Ann\nQ: Where?\nA: here\nQ: How old is Ann?\nA: 9\n');
    expect(asked(base).find((one) => one.endsWith('How old is Ann?'))).not.toContain('Where?');
  });

  it('goes on without a part that is lost and those that wait for it, and says so', async () => {
    const lost = new UpstreamError({ url: 'http://x', status: 500, body: 'down', retryable: false });
    const base = scripted(({ prompt: got }) => {
      const text = questionOf(got);
      if (text.includes('Split it')) return list;
      return text.endsWith('briefly: Who?') ? lost : text.endsWith('Where?') ? 'Answer: here' : 'done';
    });
    const { text, warnings } = await ask(plus(base, decomposedPrompting()), 'How many?');
    expect(text).toBe('done');
    expect(warnings.map(({ code }) => code)).toContain('candidate-lost');
    expect(asked(base).at(-1)).toBe(
      WHOLE({ question: 'How many?', context: '', asked: '', part: '', known: 'Q: Where?\nA: here\n' }),
    );
  });

  it('wants a name for each handler', () => {
    expect(() => decomposedPrompting({ handlers: [replies({})], tags: '' })).toThrow(
      /tags must name each of the 1 handlers/,
    );
    expect(() => decomposedPrompting({ tags: 'find' })).toThrow(/tags/);
  });
});

describe('skeletonOfThought', () => {
  it('writes the points at once and joins them in their order', async () => {
    let open = 0;
    let most = 0;
    const model = scripted(async ({ prompt: got }) => {
      const text = questionOf(got);
      if (text.includes('only the skeleton')) return '1. Start\n2. Middle\n3. End';
      most = Math.max(most, ++open);
      const point = /number: (\d)/.exec(text)?.[1];
      await new Promise((resolve) => setTimeout(resolve, 8 - 2 * Number(point)));
      open--;
      return `text ${point}`;
    });
    const { text, usage } = await ask(plus(model, skeletonOfThought()), 'How?');
    expect([text, most, usage.calls]).toEqual(['1. text 1\n\n2. text 2\n\n3. text 3', 3, 4]);
  });

  it('answers in one draw where the form of the answer has no points', async () => {
    const model = replies({ 'How many?': '{}' });
    const { warnings, usage } = await ask(plus(model, skeletonOfThought()), formed);
    expect([warnings[0]?.code, usage.calls, model.calls[0]?.request.prompt]).toEqual(['no-skeleton', 1, prompt]);
  });
});

describe('easyFirst', () => {
  it('fixes the part with the largest share first, and shows it to the others', async () => {
    const model = scripted(({ prompt: got }, { index }) => {
      const text = questionOf(got);
      if (text.includes('Name the questions')) return '1. Hard?\n2. Easy?';
      if (text.endsWith('briefly: Easy?')) return 'Answer: yes';
      if (text.endsWith('briefly: Hard?')) return text.includes('A: yes') ? 'Answer: sure' : `Answer: ${index}`;
      return textOf(text).includes('A: sure') ? 'solved' : 'lost';
    });
    const { text, sample, usage } = await ask(plus(model, easyFirst({ n: 3 })), 'How?');
    expect([text, facts(sample), usage.calls]).toMatchObject(['solved', { order: [2, 1] }, 2 + 3 * 3]);
    expect(asked(model).at(-1)).toContain('Q: Hard?\nA: sure\nQ: Easy?\nA: yes\n');
  });
});
