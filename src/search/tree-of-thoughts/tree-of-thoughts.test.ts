import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrees, searchRecorded, type Searched } from '../../../scripts/measure/game24-tree.ts';
import { ask, plus, questionOf, scorer, textOf, user, type Request } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { isSolution } from '../../tasks/game24.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './tree-of-thoughts.law.ts';
import { PROPOSE, VALUE, type Thought } from './thoughts.ts';
import { RESPOND, treeOfThoughts } from './tree-of-thoughts.ts';

testLaw(law);

const TREES = join(import.meta.dirname, '../../../../shared/data/replay/game24_gpt4_tot_b5_tree.jsonl.gz');
const nobody = scripted(() => new Error('not asked for anything'));

describe('treeOfThoughts', () => {
  it('asks for steps, for verdicts on them, and for the answer, in that order', async () => {
    const asked: string[] = [];
    const model = scripted(({ prompt }) => {
      const text = questionOf(prompt);
      asked.push(text);
      if (text.includes('Propose')) return '1. halve it (left: 6)\n- double it (left: 24)\n\n';
      if (text.includes('sure'))
        return text.includes('double it (left: 24)') ? 'It is there.\nsure' : 'Unlikely... likely';
      return 'Answer: 24';
    });
    const { text, sample } = await ask(plus(model, treeOfThoughts({ depth: 1, votes: 1 })), 'Make 24 of 12.');
    const state = { question: 'Make 24 of 12.', state: 'Make 24 of 12.', steps: '' };
    const after = (step: string, left: string): typeof state => ({ ...state, state: left, steps: step });
    expect(asked).toEqual([
      PROPOSE({ ...state, count: '8' }),
      VALUE(after('halve it (left: 6)', '6')),
      VALUE(after('double it (left: 24)', '24')),
      RESPOND(after('double it (left: 24)', '24')),
    ]);
    expect(text).toBe('Answer: 24');
    expect(sample.providerMetadata?.plusx).toMatchObject({ value: 20, steps: 1, thoughts: 2 });
  });

  it('asks for prose in prose, and for the answer in its own form, in the conversation as it is', async () => {
    const seen: Request[] = [];
    const model = scripted((request) => {
      seen.push(request);
      return seen.length === 1 ? 'a step' : 'likely';
    });
    const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
    const before = [user('Hello'), { role: 'assistant' as const, content: [{ type: 'text' as const, text: 'Hi' }] }];
    const request = {
      prompt: [...before, user('q')],
      tools,
      temperature: 0.2,
      responseFormat: { type: 'json' as const },
    };
    await ask(plus(model, treeOfThoughts({ depth: 1, votes: 1 })), request);
    expect(seen).toHaveLength(3);
    for (const one of seen) expect([one.prompt.slice(0, 2), one.temperature]).toEqual([before, 0.2]);
    expect(seen.map(({ responseFormat }) => responseFormat?.type)).toEqual([undefined, undefined, 'json']);
    expect(seen.map((one) => one.tools?.length)).toEqual([undefined, undefined, 1]);
  });

  it('plays the Game of 24 with functions for steps, solutions and answers', async () => {
    const numbers = ({ state }: Thought): number[] => state.split(' ').map(Number);
    const game = treeOfThoughts({
      search: 'dfs',
      depth: 3,
      nodes: 5000,
      expand: (at) =>
        numbers(at).flatMap((a, i) =>
          numbers(at).flatMap((b, j) => {
            const rest = numbers(at).filter((_, k) => k !== i && k !== j);
            const with_ = (op: string, value: number) => ({
              step: `${a} ${op} ${b} = ${value}`,
              state: [value, ...rest].join(' '),
            });
            if (i === j) return [];
            return [
              with_('-', a - b),
              ...(b === 0 ? [] : [with_('/', a / b)]),
              ...(i < j ? [with_('+', a + b), with_('*', a * b)] : []),
            ];
          }),
        ),
      isDone: ({ state }) => state === '24',
      score: scorer('alive', ({ content }) => {
        const steps = textOf(content).split('\n');
        return steps.length < 3 || steps.at(-1)?.endsWith('= 24') ? 1 : 0;
      }),
      answer: ({ steps }) => steps.join(', '),
    });
    const { text, usage, sample } = await ask(plus(nobody, game), '4 5 6 10');
    expect(usage.calls).toBe(0);
    expect(text.split(', ')).toHaveLength(3);
    expect(text).toMatch(/= 24$/);
    expect(sample.providerMetadata?.plusx).toMatchObject({ steps: 3 });
  });

  it('plays it with a model that proposes and judges, a reader of its proposals and an end', async () => {
    const replies: { readonly [state: string]: string } = {
      '4 5 6 10': 'Possible next steps:\n4 + 5 = 9 (left: 6 9 10)\n4 * 5 = 20 (left: 6 10 20)',
      '6 9 10': '9 - 6 = 3 (left: 3 10)',
      '6 10 20': '10 - 6 = 4 (left: 4 20)\n6 * 10 = 60 (left: 20 60)',
      '4 20': '4 + 20 = 24 (left: 24)',
      '3 10': '3 * 10 = 30 (left: 30)',
      '20 60': '20 + 60 = 80 (left: 80)',
    };
    const hopeful = new Set(['6 10 20', '4 20', '24']);
    const model = scripted(({ prompt }) => {
      const text = questionOf(prompt);
      const left = /What is left:\n(.*)/.exec(text)?.[1] ?? '4 5 6 10';
      if (text.includes('Propose')) return replies[left] ?? '';
      return hopeful.has(left) ? 'sure' : 'impossible';
    });
    const game = treeOfThoughts({
      depth: 3,
      breadth: 2,
      read: (reply) => reply.match(/^.*\(left: [^)]*\)/gm) ?? [],
      isDone: ({ state }) => state === '24',
      answer: ({ steps }) => steps.join('\n'),
    });
    const { text } = await ask(plus(model, game), '4 5 6 10');
    expect(text).toBe('4 * 5 = 20 (left: 6 10 20)\n10 - 6 = 4 (left: 4 20)\n4 + 20 = 24 (left: 24)');
  });

  it('answers the question as it is where nothing is proposed, and says so', async () => {
    const model = scripted(({ prompt }) => (questionOf(prompt) === 'q' ? 'plain' : '\n \n'));
    const { text, warnings } = await ask(plus(model, treeOfThoughts()), 'q');
    expect([text, warnings.map(({ code }) => code)]).toEqual(['plain', ['no-thoughts']]);
  });

  it('says that a reply holds no verdict', async () => {
    const model = scripted(({ prompt }) => (questionOf(prompt).includes('Propose') ? 'a\nb' : 'hard to say'));
    const { warnings } = await ask(plus(model, treeOfThoughts({ depth: 1, votes: 2 })), 'q');
    expect(warnings.map(({ code }) => code)).toEqual(['no-verdict']);
  });

  it('takes the wording that a model carries, and the caller before it', async () => {
    const asked: string[] = [];
    const inner = enumerable({ answers: (prompt) => (asked.push(questionOf(prompt)), { 'a sure': 1 }) });
    const model = {
      ...inner,
      prompts: {
        'treeOfThoughts.propose': { say: ({ state }: { readonly [part: string]: string }) => `go on from ${state}` },
      },
    };
    await ask(plus(model, treeOfThoughts({ depth: 1, votes: 1, value: 'and {steps}?', respond: '{question}!' })), 'q');
    expect(asked).toContain('go on from q');
    expect(asked).toContain('and a sure?');
    expect(asked).toContain('q!');
  });

  it('keeps what it has found when the budget ends', async () => {
    const model = scripted(({ prompt }) => (questionOf(prompt).includes('Propose') ? 'a\nb' : 'sure'));
    const { text, exhausted } = await ask(plus(model, treeOfThoughts({ depth: 2, votes: 1 })), 'q', {
      budget: { calls: 4 },
    });
    expect([text.split('\n')[0], exhausted]).toEqual(['a', 'calls']);
  });
});

if (!existsSync(TREES)) console.warn('treeOfThoughts: replay skipped, there is no ../shared/data/replay');
describe.skipIf(!existsSync(TREES))('treeOfThoughts over the recorded GPT-4 trees', () => {
  it.each([
    [1, 40, 21],
    [2, 51, 36],
    [3, 58, 50],
    [4, 65, 66],
    [5, 69, 84],
  ])('with breadth %i solves %i of 100 and values %i thoughts', async (breadth, solved, nodes) => {
    const found: Searched[] = [];
    for (const tree of readTrees(TREES)) found.push(await searchRecorded(tree, breadth));
    expect(found).toHaveLength(100);
    expect(found.filter(({ any }) => any)).toHaveLength(solved);
    expect(Math.round(found.reduce((sum, one) => sum + one.nodes, 0) / 100)).toBe(nodes);
    expect(found.every(({ calls }) => calls === 0)).toBe(true);
  });
});

it('the game is graded by exact arithmetic', () => {
  expect(isSolution('(4 * 5) + (10 - 6)', '4 5 6 10')).toBe(true);
  expect(isSolution('4 * 5 + 6', '4 5 6 10')).toBe(false);
});
