import { describe, expect, it } from 'vitest';
import { TOOL_RESULT_CHARS } from '../../core/bounds.ts';
import { ask, plus, stream, type Model } from '../../core/index.ts';
import type { Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { all, asked, facts, formed, says } from '../test-support/conversation.ts';
import { law } from './deep-research.law.ts';
import { deepResearch } from './deep-research.ts';
import type { Page } from './sources.ts';

testLaw(law);

describe('deepResearch', () => {
  const page = (name: string): Page => ({ url: `https://${name}/`, title: name, text: `About ${name}.` });
  const search = (query: string): readonly Page[] => {
    if (query === 'down') throw new Error('no network');
    return query === 'none' ? [] : [page(query), page('shared'), page('too many')];
  };
  const researcher = (plans: readonly string[], answer: string): Scripted => {
    let round = 0;
    return says('m', (text) =>
      text.includes('search queries')
        ? (plans[round++] ?? 'DONE')
        : text.includes('from these notes')
          ? answer
          : `noted ${/^\[\d+\]/m.exec(text)?.[0]}`,
    );
  };

  it('searches until nothing is missing, and cites what it has read', async () => {
    const model = researcher(['1. cats\n2. dogs', '1. none\n2. down'], 'Cats [1], dogs [3] and birds [7].');
    const technique = deepResearch({ search, rounds: 3, queries: 2, pages: 2 });
    const { sample, warnings, usage } = await ask(plus(model, technique), { ...formed, tools: undefined });
    expect(sample.content).toEqual([
      { type: 'text', text: 'Cats [1], dogs [3] and birds [7].' },
      { type: 'source', sourceType: 'url', id: '1', url: 'https://cats/', title: 'cats' },
      { type: 'source', sourceType: 'url', id: '3', url: 'https://dogs/', title: 'dogs' },
    ]);
    expect(facts(sample)).toMatchObject({ queries: ['cats', 'dogs', 'none', 'down'], pages: 3 });
    expect(warnings.map(({ code }) => code)).toEqual(['search-failed', 'unknown-source']);
    expect(usage.calls).toBe(1 + 2 + 1 + 1 + 1); // plan, read twice, plan, a plan that is DONE, write
    const [, cats, dogs, again] = asked(model);
    expect([cats, dogs]).toEqual([
      expect.stringContaining('[2] shared'),
      expect.stringMatching(/\[3\] dogs[\s\S]*\[2\] shared/),
    ]);
    expect(cats).not.toContain('too many');
    expect(again).toContain('noted [1]\nnoted [3]\n\nSearched so far:\n- cats\n- dogs');
  });

  it('reads of a page as much as of the result of a tool, and says so', async () => {
    const model = researcher(['1. cats'], 'Cats [1].');
    const long = (): Page[] => [{ url: 'https://cats/', text: 'x'.repeat(TOOL_RESULT_CHARS + 5) }];
    const { warnings } = await ask(plus(model, deepResearch({ search: long, rounds: 1 })), formed);
    expect(warnings).toMatchObject([{ code: 'page-cut', message: expect.stringContaining('https://cats/') }]);
    expect(/x+$/m.exec(asked(model)[1] ?? '')?.[0]).toHaveLength(TOOL_RESULT_CHARS);
  });

  it('streams the text as it is written, and the sources after it', async () => {
    const model: Model = plus(researcher(['1. cats'], 'Cats[1].'), deepResearch({ search, rounds: 1 }));
    const types = (await all(stream(model, 'q'))).map(({ type }) => type);
    expect(types.slice(types.indexOf('text-start'))).toEqual([
      'text-start',
      'text-delta',
      'text-end',
      'source',
      'finish',
    ]);
  });

  it('stops with the signal’s reason where a search is aborted', async () => {
    const controller = new AbortController();
    const stopped = (): never => {
      controller.abort(new Error('enough'));
      throw new Error('the search was aborted');
    };
    const model = plus(researcher(['1. cats'], ''), deepResearch({ search: stopped }));
    await expect(ask(model, 'q', { signal: controller.signal })).rejects.toThrow('enough');
  });
});
