import { describe, expect, it } from 'vitest';
import { ask } from '../../core/index.ts';
import type { Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { asked, formed, forms, says, whole } from '../test-support/conversation.ts';
import { law } from './mixture-of-agents.law.ts';
import { AGGREGATE, mixtureOfAgents } from './mixture-of-agents.ts';

testLaw(law);

describe('mixtureOfAgents', () => {
  it('shows each layer the one before, and has the aggregator answer in form', async () => {
    const member = (name: string): Scripted => says(name, (text) => `${name}${text.includes('[A]') ? 2 : 1}`);
    const [a, b, by] = [member('a'), member('b'), says('by', () => '{}')] as const;
    const { text, usage } = await ask(mixtureOfAgents([a, b], { aggregator: by }), formed);
    expect([text, usage.calls]).toEqual(['{}', 5]);
    const before = (layer: number): string => AGGREGATE({ ...whole, candidates: `[A]\na${layer}\n\n[B]\nb${layer}` });
    expect([asked(a), asked(b), asked(by)]).toEqual([['How many?', before(1)], ['How many?', before(1)], [before(2)]]);
    expect([forms(a), forms(by)]).toEqual([[false, false], [true]]);
  });

  it('gives a proposal at a budget’s limit', async () => {
    const a = says('a', () => 'one');
    const { text, exhausted } = await ask(mixtureOfAgents([a, a]), 'q', { budget: { calls: 2 } });
    expect([text, exhausted]).toEqual(['one', 'calls']);
  });
});
