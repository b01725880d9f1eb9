import { describe, expect, it } from 'vitest';
import {
  ask,
  plus,
  questionOf,
  scorer,
  stream,
  system,
  textOf,
  UpstreamError,
  type Clock,
  type Message,
  type Model,
  type Request,
  type StreamPart,
} from '../../core/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { scripted, type Scripted, type Step } from '../../models/written/scripted.ts';
import { selfConsistency } from '../../search/index.ts';
import { autoMix } from '../auto-mix/auto-mix.ts';
import { deepResearch } from '../deep-research/deep-research.ts';
import { fusion, PICK, SYNTHESIZE } from '../fusion/fusion.ts';
import { lats } from '../lats/lats.ts';
import { AGGREGATE, mixtureOfAgents } from '../mixture-of-agents/mixture-of-agents.ts';
import { JUDGE, REFLECT, reflexion, RETRY } from '../reflexion/reflexion.ts';
import { selfDiscover } from '../self-discover/self-discover.ts';
import type { Page } from '../deep-research/sources.ts';
import { ANSWER, STEP, VALUE } from '../lats/thoughts.ts';

const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'How many?' }, image] },
];
const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
const formed: Request = { prompt, responseFormat: { type: 'json' }, tools, toolChoice: { type: 'auto' } };
const whole = { question: 'How many?', context: '', asked: 'How many?' };

const asked = ({ calls }: Scripted): string[] => calls.map(({ request }) => questionOf(request.prompt));
const facts = (sample: { providerMetadata?: unknown }): unknown =>
  (sample.providerMetadata as { plusx: unknown } | undefined)?.plusx;
const says = (name: string, reply: (text: string, prompt: readonly Message[], index: number) => Step): Scripted =>
  scripted(({ prompt: got }, { index }) => reply(questionOf(got), got, index), { name });
async function all(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const list: StreamPart[] = [];
  for await (const part of parts) list.push(part);
  return list;
}
/** Whether a step on the way asked for prose, and the last one for what the request asks for. */
const forms = (model: Scripted): boolean[] =>
  model.calls.map(({ request }) => request.responseFormat?.type === 'json' && request.tools !== undefined);

describe('reflexion', () => {
  const learner = (): Scripted =>
    says('learner', (text) =>
      text === JUDGE()
        ? 'It looks odd.\nNo.'
        : text === REFLECT({ score: '0' })
          ? 'Count again.'
          : text.includes('- Count again.')
            ? '3'
            : '2',
    );

  it('tries again with its reflections in view, and keeps the form of the answer', async () => {
    const model = learner();
    const { text, sample, usage } = await ask(plus(model, reflexion({ trials: 2 })), formed);
    expect([text, usage.calls]).toEqual(['3', 5]);
    expect(facts(sample)).toMatchObject({ score: 0, reflections: ['Count again.'] });
    expect(asked(model)).toEqual([
      'How many?',
      JUDGE(),
      REFLECT({ score: '0' }),
      RETRY({ question: 'How many?', reflections: '- Count again.' }),
      JUDGE(),
    ]);
    expect(forms(model)).toEqual([true, false, false, true, false]);
    for (const { request } of model.calls) expect(request.prompt[0]).toEqual(prompt[0]);
  });

  it('ends at an attempt that is good enough, and keeps only the latest reflections in view', async () => {
    const model = learner();
    const perfect = scorer('perfect', ({ content }) => textOf(content) === '2');
    expect((await ask(plus(model, reflexion({ evaluate: perfect })), 'q')).usage.calls).toBe(1);
    let told = 0;
    const forgetful = says('forgetful', (text) => (text.startsWith('Your last') ? `lesson ${++told}` : 'x'));
    await ask(plus(forgetful, reflexion({ trials: 4, memory: 2, evaluate: scorer('never', () => 0) })), 'q');
    expect(asked(forgetful).at(-1)).toBe(RETRY({ question: 'q', reflections: '- lesson 2\n- lesson 3' }));
  });

  it('gives the best attempt at a budget’s limit, and counts a verdict that is none as no', async () => {
    const { text, exhausted } = await ask(plus(learner(), reflexion()), 'q', { budget: { calls: 3 } });
    expect([text, exhausted]).toEqual(['2', 'calls']);
    const { warnings } = await ask(
      plus(
        says('vague', () => 'Maybe.'),
        reflexion({ trials: 1 }),
      ),
      'q',
    );
    expect(warnings).toMatchObject([{ code: 'no-verdict' }]);
  });
});

describe('autoMix', () => {
  const small = (verdicts: readonly string[]): Scripted =>
    says('small', (text, _, index) => (text.includes('yes or no') ? (verdicts[index] ?? 'no') : '2'));
  const large = (): Scripted => says('large', () => '3');

  it.each([
    [['yes', 'yes', 'no', 'no'], '2', { model: 'small', escalations: 0, yes: 2, verdicts: 4 }, 0],
    [['yes', 'I say no', 'no', 'perhaps'], '3', { model: 'large', escalations: 1 }, 1],
    [['yes', 'perhaps', 'perhaps', 'perhaps'], '2', { yes: 1, verdicts: 1 }, 0],
  ])('with the verdicts %j answers %s', async (verdicts, answer, expected, calls) => {
    const larger = large();
    const { text, sample } = await ask(autoMix([small(verdicts), larger]), 'How many?');
    expect([text, larger.calls.length, facts(sample)]).toMatchObject([answer, calls, expected]);
  });

  it('escalates where nothing can be read, and where the posterior is too low', async () => {
    const { text, warnings } = await ask(autoMix([small(['?', '?', '?', '?']), large()]), 'q');
    expect([text, warnings[0]?.code]).toEqual(['3', 'no-verdict']);
    const posterior = {
      k: 2,
      decide: 'posterior',
      prior: 0.5,
      yesWhenRight: 0.8,
      yesWhenWrong: 0.4,
      price: 0,
    } as const;
    // One yes of two: .8·.2 against .4·.6, a posterior of 0.4.
    for (const [largerRight, answer] of [
      [0.39, '2'],
      [0.41, '3'],
    ] as const)
      expect((await ask(autoMix([small(['yes', 'no']), large()], { ...posterior, largerRight }), 'q')).text).toBe(
        answer,
      );
    expect(() => autoMix([large()], { decide: 'posterior', yesWhenRight: 0.3 })).toThrow(/larger than yesWhenWrong/);
  });

  it('verifies in view of the question and in prose, and gives what it has at a budget’s limit', async () => {
    const model = small(['no', 'no', 'no', 'no']);
    const { text, exhausted } = await ask(autoMix([model, large()]), formed, { budget: { calls: 5 } });
    expect([text, exhausted, asked(model)[1]]).toEqual(['2', 'calls', expect.stringContaining('How many?')]);
    expect(forms(model)).toEqual([true, false, false, false, false]);
  });
});

/** A clock that stands still until it is moved. */
function stillClock(): Clock & { move(ms: number): void } {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    move(ms) {
      now += ms;
      for (const timer of timers)
        if (timer.at <= now) {
          timers.delete(timer);
          timer.callback();
        }
    },
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('fusion', () => {
  const judge = (reply: string | ((text: string) => string)): Scripted =>
    says('judge', (text) => (typeof reply === 'string' ? reply : reply(text)));
  const fixed = (name: string, text: string): Scripted => says(name, () => text);

  it('has the judge write from anonymous answers, in the form that is asked for, and streams it', async () => {
    const models = [fixed('a', 'one'), fixed('b', 'two'), fixed('c', 'three')];
    const by = judge('{"n":3}');
    const model = fusion(models, { judge: by });
    const { text, sample, usage } = await ask(model, formed);
    expect([text, usage.calls, facts(sample)]).toMatchObject(['{"n":3}', 4, { candidates: 3, dropped: 0 }]);
    const seen = asked(by)[0] as string;
    const shown = [...seen.matchAll(/^\[[A-C]\]\n(.*)$/gm)].map(([, one]) => one as string);
    expect(seen).toBe(
      SYNTHESIZE({ ...whole, candidates: shown.map((one, i) => `[${'ABC'[i]}]\n${one}`).join('\n\n') }),
    );
    expect(shown.toSorted()).toEqual(['one', 'three', 'two']);
    expect(forms(by)).toEqual([true]);
    const orders = new Set<string>();
    for (let seed = 0; seed < 24; seed++) {
      await ask(model, 'q', { seed });
      orders.add([...(asked(by).at(-1) as string).matchAll(/^\[[A-C]\]\n(.*)$/gm)].map(([, one]) => one).join());
    }
    expect(orders.size).toBeGreaterThan(3);
    const parts = await all(stream(model, 'q'));
    const told = parts.findIndex(({ type }) => type === 'reasoning-end');
    expect(parts.slice(told + 1, -1).map(({ type }) => type)).toEqual(['text-start', 'text-delta', 'text-end']);
  });

  it('picks where an answer calls a tool, and hands the calls on as they are', async () => {
    const call = { toolName: 'look', input: { at: 'sky' }, toolCallId: 'mine' };
    const caller = says('caller', () => ({ toolCalls: [call], providerMetadata: { own: { id: 1 } } }));
    const by = judge(
      (text) => `It is clear.\n**Best: ${text.indexOf('[call of look') < text.indexOf('words') ? 'A' : 'B'}**`,
    );
    for (let seed = 0; seed < 6; seed++) {
      const { sample } = await ask(fusion([fixed('b', 'words'), caller], { judge: by }), formed, { seed });
      expect(sample.content).toEqual([
        { type: 'tool-call', toolCallId: 'mine', toolName: 'look', input: '{"at":"sky"}' },
      ]);
      expect([sample.finish.unified, facts(sample), sample.providerMetadata?.['own']]).toMatchObject([
        'tool-calls',
        { model: 'caller' },
        { id: 1 },
      ]);
    }
    expect(asked(by)[0]).toMatch(PICK({ ...whole, candidates: '' }).slice(0, 40));
    expect(forms(by)).toEqual([false, false, false, false, false, false]);
  });

  it('takes the answer of the first model where the judge picks none', async () => {
    const { text, warnings } = await ask(
      fusion([fixed('a', 'x'), fixed('b', 'y')], { mode: 'pick', judge: judge('Neither.') }),
      'q',
    );
    expect([text, warnings[0]?.code]).toEqual(['x', 'no-pick']);
  });

  it('drops who is late after the quorum is there, cancels it, and says so', async () => {
    const clock = stillClock();
    let cancelled = 0;
    const slow = scripted(
      (_, { signal }) =>
        new Promise<Step>((_, reject) =>
          signal.addEventListener('abort', () => {
            cancelled++;
            reject(signal.reason);
          }),
        ),
      { name: 'slow' },
    );
    const by = judge('fused');
    // A member that votes: none of its votes is in, and half a vote must not pass for its answer.
    const voter = plus(slow, selfConsistency({ n: 3 }));
    const model = fusion([voter, fixed('b', 'two'), fixed('c', 'three')], { quorum: 2, graceMs: 100, judge: by });
    const running = ask(model, 'q', { clock });
    await turn();
    clock.move(99);
    await turn();
    expect([cancelled, by.calls.length]).toEqual([0, 0]);
    clock.move(1);
    const { text, warnings, sample, usage } = await running;
    expect([text, cancelled, facts(sample), usage.unreported]).toMatchObject([
      'fused',
      3,
      { candidates: 2, dropped: 1 },
      3,
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/slow \+ selfConsistency\(n=3\) had no answer 100 ms after 2 others/),
    ]);
  });

  it('goes on without a model that fails, and needs no judge for a single answer', async () => {
    const down = says('down', () => new UpstreamError({ url: 'http://x', status: 500, body: '', retryable: false }));
    const by = judge('unasked');
    const { text, sample, warnings } = await ask(fusion([down, fixed('b', 'two')], { judge: by }), 'q');
    expect([text, facts(sample), warnings[0]?.code, by.calls.length]).toMatchObject([
      'two',
      { model: 'b' },
      'candidate-lost',
      0,
    ]);
    await expect(ask(fusion([down, down]), 'q')).rejects.toThrow(UpstreamError);
  });

  it('keeps one call of a budget back for the judge', async () => {
    const by = judge('fused');
    const models = [fixed('a', 'one'), fixed('b', 'two'), fixed('c', 'three')];
    const { text, exhausted, sample } = await ask(fusion(models, { judge: by }), 'q', { budget: { calls: 3 } });
    expect([text, exhausted, facts(sample)]).toMatchObject(['fused', 'calls', { candidates: 2 }]);
  });

  it('keeps half of the tokens back for the judge, who reads what the panel wrote', async () => {
    const wordy = (letter: string) => enumerable({ name: letter, answers: { '*': { [letter.repeat(200)]: 1 } } });
    const by = enumerable({ name: 'by', answers: { '*': { fused: 1 } } });
    const model = fusion(['a', 'b', 'c'].map(wordy), { judge: by });
    const { text, exhausted, usage, sample } = await ask(model, 'q', { budget: { tokens: 1200 } });
    expect([text, exhausted, facts(sample)]).toMatchObject(['fused', 'tokens', { candidates: 2 }]);
    expect((usage.inputTokens ?? NaN) + (usage.outputTokens ?? NaN)).toBeLessThanOrEqual(1200);
    expect(await ask(model, 'q', { budget: { tokens: 1600 } })).toMatchObject({ text: 'fused' });
  });

  it('wants a quorum there can be', () => {
    expect(() => fusion([fixed('a', '1')], { quorum: 2 })).toThrow(/quorum must be at most 1/);
  });
});

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

describe('lats', () => {
  const worth: { readonly [thought: string]: string } = {
    guess: '2',
    count: '8',
    'Final answer: 2': '3',
    'Final answer: 3': '10',
  };
  /** Draws `guess` and `count`; counting ends well once a lesson is learnt. */
  const thinker = (): Scripted =>
    says('thinker', (text, _, index) => {
      const steps = /Thoughts (?:so far|on it):\n([\s\S]*?)\n\n/.exec(text)?.[1] ?? '';
      const thought = steps.split('\n').at(-1) as string;
      if (text.includes('number from 0')) return `${worth[thought]}`;
      if (text.includes('went wrong')) return 'Count the cat.';
      if (!text.includes('next thought')) return '{"n":3}';
      if (steps === '') return index === 0 ? 'guess' : 'count';
      return text.includes('- Count the cat.') ? 'Final answer: 3' : 'Final answer: 2';
    });

  it('goes where thoughts are worth most, learns from ends that fail, and answers in form', async () => {
    const model = thinker();
    const { text, sample, usage } = await ask(plus(model, lats({ n: 3, width: 2 })), formed);
    expect([text, facts(sample)]).toMatchObject([
      '{"n":3}',
      { score: 1, thoughts: 6, depth: 2, reflections: ['Count the cat.'] },
    ]);
    const none = { reflections: '', ...whole };
    const seen = asked(model);
    expect(seen.slice(0, 4)).toEqual([
      STEP({ ...none, steps: '' }),
      STEP({ ...none, steps: '' }),
      VALUE({ ...none, steps: 'guess' }),
      VALUE({ ...none, steps: 'count' }),
    ]);
    expect(seen[4]).toBe(STEP({ ...none, steps: 'count' }));
    const learnt = { ...whole, reflections: '- Count the cat.' };
    expect(seen[9]).toBe(STEP({ ...learnt, steps: 'guess' }));
    expect(seen.at(-1)).toBe(ANSWER({ ...none, steps: 'guess\nFinal answer: 3' }));
    expect(usage.calls).toBe(2 + 2 + 2 + 2 + 1 + 2 + 2 + 1);
    expect(forms(model)).toEqual([...Array.from({ length: usage.calls - 1 }, () => false), true]);
  });

  it('goes on from the best thought, whatever else was drawn beside it', async () => {
    const model = says('drawer', (text, _, index) => (text.includes('next thought') && index > 0 ? 'guess' : 'count'));
    const counting = scorer('counting', ({ content }) => Number(textOf(content).endsWith('count')));
    await ask(plus(model, lats({ n: 3, width: 4, threshold: 2, score: counting })), formed);
    const places = ['', 'count', 'count\ncount'].map((steps) => STEP({ reflections: '', ...whole, steps }));
    expect([...new Set(asked(model))].slice(0, 3)).toEqual(places);
  });

  it('gives the best end as it is where no call is left to write it out', async () => {
    const { text, exhausted } = await ask(plus(thinker(), lats({ n: 3, width: 2 })), 'q', { budget: { calls: 9 } });
    expect([text, exhausted]).toEqual(['Final answer: 2', 'calls']);
  });
});

describe('selfDiscover', () => {
  it('selects, adapts, implements and solves, by the caller’s modules where there are any', async () => {
    const model = says('m', (text) =>
      text.includes('Which of these')
        ? 'Count.'
        : text.includes('Reword')
          ? 'Count the cats.'
          : text.includes('Turn these')
            ? '{"cats":""}'
            : '3',
    );
    const { text, sample } = await ask(plus(model, selfDiscover({ modules: 'Count.\nGuess.' })), formed);
    expect([text, facts(sample)]).toMatchObject(['3', { structure: '{"cats":""}' }]);
    expect(asked(model).map((one) => one.split('\n').at(-1))).toEqual([
      'Guess.',
      'Count.',
      'Count the cats.',
      '{"cats":""}',
    ]);
    expect(forms(model)).toEqual([false, false, false, true]);
  });
});

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
