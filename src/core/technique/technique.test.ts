import { expect, it } from 'vitest';
import { fromBackend, plus, technique, ask, drawOne, memoryJournal, type Semantics, type Span } from '../index.ts';

const KINDS = ['exact', 'asymptotic', 'heuristic'] as const;
const semantics = (kind: Semantics['kind'], target: string): Semantics => ({ kind, target, why: `it is ${kind}` });

const base = (kind: Semantics['kind']) =>
  fromBackend({
    name: 'base',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: semantics(kind, 'P'),
    bound: () => ({ inputTokens: 1, outputTokens: 1 }),
    call: async () => ({
      candidates: [{ content: [{ type: 'text', text: 'x' }], finish: { unified: 'stop', raw: 'stop' } }],
      usage: { inputTokens: 1, outputTokens: 1, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 },
    }),
  });

/** Draws once, and claims what it is told to. */
const claiming = (kind: Semantics['kind'], target: string) =>
  technique({
    name: `claims${target}`,
    room: 'search',
    summary: 'draws once',
    paper: 'a test',
    options: {},
    calls: '1',
    rounds: '1',
    semantics: () => semantics(kind, target),
    run: async (below, request, context) => drawOne(below, request, context),
  })();

it.each(KINDS.flatMap((own) => KINDS.flatMap((below) => KINDS.map((bottom) => [own, below, bottom] as const))))(
  'what is %s over what is %s over a base that is %s claims no more than the weakest of them',
  async (own, below, bottom) => {
    const model = plus(base(bottom), claiming(below, 'Inner'), claiming(own, 'Outer'));
    const { sample } = await ask(model, 'question');
    const weakest = Math.max(...[own, below, bottom].map((kind) => KINDS.indexOf(kind)));
    expect(sample.semantics).toEqual({ kind: KINDS[weakest], target: 'Outer', why: `it is ${own}` });
  },
);

it('a trace shows what each technique and each call said', async () => {
  const { trace, text } = await ask(plus(base('exact'), claiming('exact', 'Outer')), 'question', { trace: true });
  const said = ({ preview, children }: Span): unknown => [preview, ...children.map(said)];
  expect(trace?.children.map(said)).toEqual([[text, [text]]]);
});

it('a trace tells calls that were made from those that a journal answers', async () => {
  const journal = memoryJournal();
  const model = plus(base('exact'), claiming('exact', 'Outer'));
  const statuses = async (): Promise<readonly (readonly string[])[]> => {
    const { trace } = await ask(model, 'question', { journal, trace: true });
    const all = (span: Span): readonly (readonly string[])[] => [
      [span.kind, span.status],
      ...span.children.flatMap(all),
    ];
    return trace ? trace.children.flatMap(all) : [];
  };
  expect(await statuses()).toEqual([
    ['technique', 'ok'],
    ['call', 'ok'],
  ]);
  expect(await statuses()).toEqual([
    ['technique', 'ok'],
    ['call', 'replayed'],
  ]);
});
