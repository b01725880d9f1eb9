import { assert, array, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scripted } from '../../models/written/index.ts';
import { ask, memoryJournal, plus, rootScope, streamOf, textOf, user, type Content, type Model } from '../index.ts';
import { particleFilter } from '../../search/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { rewritten, split } from './border.ts';
import { fromBackend } from './from-backend.ts';
import type { Candidate } from './journal.ts';
import type { Thoughts } from '../tokens/terms.ts';

const candidate = (text: string, more: Partial<Candidate> = {}): Candidate => ({
  content: [{ type: 'text', text }],
  finish: { unified: 'stop', raw: 'stop' },
  ...more,
});
const tokensOf = (text: string) => Array.from(text, (token) => ({ token, logprob: -0.1 }));

/** A back end that writes one text, in pieces that end where it is told. */
function writer(text: string, cuts: readonly number[] = [], thoughts?: Thoughts): Model {
  const reply = candidate(text, { tokens: tokensOf(text), logprob: -0.1 * text.length });
  const usage = { inputTokens: 1, outputTokens: text.length, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 };
  return fromBackend({
    name: 'writer',
    can: { logprobs: true, continueFrom: false, score: false, next: false, concurrency: 1 },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 1, outputTokens: text.length }),
    thoughts,
    call: async () => ({ candidates: [reply], usage }),
    async *stream() {
      const ends = [...new Set([...cuts, text.length])].filter((at) => at <= text.length).sort((a, b) => a - b);
      yield { type: 'text-start', id: 't' };
      for (const [i, end] of ends.entries()) {
        const delta = text.slice(ends[i - 1] ?? 0, end);
        if (delta !== '') yield { type: 'text-delta', id: 't', delta, tokens: tokensOf(delta) };
      }
      yield { type: 'text-end', id: 't' };
      yield { type: 'reply', candidate: reply, usage };
    },
  });
}

const FORMS: readonly (readonly [text: string, thought: string, says: string, thoughts?: Thoughts])[] = [
  ['<think>so</think>\n\n5', 'so', '5'],
  ['<thinking>so</thinking>5', 'so', '5'],
  ['[THINK]so[/THINK]5', 'so', '5'],
  ['<|channel|>analysis<|message|>so<|end|><|start|>assistant<|channel|>final<|message|>5', 'so', '5'],
  ['<think>never closed', 'never closed', ''],
  ['so</think>5', 'so', '5', { isOpen: true }],
  ['still at it', 'still at it', '', { isOpen: true }],
  ['(so)5', 'so', '5', { tags: [['(', ')']] }],
  ['<think>so</think>5', '', '<think>so</think>5', false],
  ['  5 < 6, and `<think>` is a word. ', '', '  5 < 6, and `<think>` is a word. '],
];

describe('thoughts at the border of a model', () => {
  it.each(FORMS.map(([text, thought, says, thoughts]) => [text, thought, says, thoughts] as const))(
    '%j thinks %j and says %j',
    async (text, thought, says, thoughts) => {
      const { sample } = await ask(writer(text, [], thoughts), 'q');
      const of = (type: string): string =>
        sample.content.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
      expect([of('reasoning'), of('text')]).toEqual([thought, says]);
      expect(sample.written).toBe(thought === '' ? undefined : text);
      expect(sample.tokens?.map(({ token }) => token).join('')).toBe(text);
      expect(sample.logprob).toBeCloseTo(-0.1 * text.length);
    },
  );

  it('is the same however the text is cut, live or from a journal, and keeps every token in order', async () => {
    const read = async (model: Model, journal = memoryJournal()): Promise<unknown> => {
      const { context, close } = rootScope({ journal });
      let [reasoning, text, tokens] = ['', '', ''];
      const open: string[] = [];
      const closed: boolean[] = [];
      for await (const part of streamOf(model, { prompt: [user('q')] }, context)) {
        if (part.type === 'text-start' || part.type === 'reasoning-start') open.push(part.id);
        if (part.type === 'text-end' || part.type === 'reasoning-end') closed.push(part.id === open.pop());
        if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') continue;
        closed.push(part.id === open.at(-1));
        if (part.type === 'text-delta') text += part.delta;
        else reasoning += part.delta;
        tokens += (part.tokens ?? []).map(({ token }) => token).join('');
      }
      expect(open).toEqual([]);
      expect(closed).not.toContain(false);
      close();
      return [reasoning, text, tokens];
    };
    const runs: [string, Thoughts | undefined, readonly number[]][] = [];
    assert(
      property(
        constantFrom(...FORMS),
        array(integer({ min: 0, max: 90 }), { maxLength: 12 }),
        ([text, , , thoughts], cuts) => {
          runs.push([text, thoughts, cuts]);
        },
      ),
      { numRuns: 150 },
    );
    for (const [text, thoughts, cuts] of runs) {
      const [, thought, says] = FORMS.find(([one]) => one === text) ?? [];
      const journal = memoryJournal();
      const model = writer(text, cuts, thoughts);
      expect(await read(model, journal)).toEqual([thought, says, text]);
      expect(await read(model, journal)).toEqual([thought, says, text]);
    }
  });

  it('touches nothing where there is no thought', () => {
    const plain = candidate('The answer is 5.');
    expect(split(plain)).toBe(plain);
    const parts: Content[] = [
      { type: 'reasoning', text: 'so' },
      { type: 'text', text: '<think>a</think>b' },
    ];
    expect(split({ ...plain, content: parts }).content.map(({ type }) => type)).toEqual([
      'reasoning',
      'reasoning',
      'text',
    ]);
    expect(split(split({ ...plain, content: parts }))).toEqual(split({ ...plain, content: parts }));
  });

  it('goes on from the raw text: a step within a thought is a step', async () => {
    const thinker = enumerable({ name: 'thinker', answers: () => ({ '<think>a\nb</think>\n7': 1 }) });
    const filtered = plus(
      thinker,
      particleFilter({ n: 2, score: ({ content }) => Number(textOf(content).includes('7')) }),
    );
    const { sample, text } = await ask(filtered, 'q');
    expect([text, sample.written]).toEqual(['7', '<think>a\nb</think>\n7']);
    expect(sample.content.map(({ type }) => type)).toEqual(['reasoning', 'text']);
  });

  it('is done again where a text is put together', () => {
    const [first] = [split(candidate('<think>a</think>b'))];
    expect(rewritten(first, '<think>a</think>bc').content).toEqual([
      { type: 'reasoning', text: 'a' },
      { type: 'text', text: 'bc' },
    ]);
    expect(rewritten(first, 'bc').written).toBeUndefined();
  });
});

it('gives candidates of one call the same facts when they are played back', async () => {
  const model = scripted(() => 'same', { native: true });
  const journal = memoryJournal();
  const first = await ask(model, { prompt: [user('q')], n: 3 }, { journal });
  const again = await ask(model, { prompt: [user('q')], n: 3 }, { journal });
  expect(again.samples).toEqual(first.samples);
});
