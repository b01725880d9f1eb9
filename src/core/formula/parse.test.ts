import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormulaError } from '../errors.ts';
import { parse, parseTransforms, type FormulaScope } from './parse.ts';
import { printName } from './print.ts';
import { plus, type Model, type Transform } from '../model.ts';
import type { Semantics } from '../sample.ts';
import * as option from './options.ts';
import { judge, scorer, type Scorer } from '../technique/scorer.ts';
import { combiner, technique } from '../technique/technique.ts';

const leaf = (name: string): Model => ({
  name: printName(name),
  can: { logprobs: true, continueFrom: false, score: false, next: false, concurrency: 1 },
  sample: () => Promise.reject(new Error('not sampled here')),
});
const described = {
  room: 'search',
  summary: '',
  paper: '',
  calls: '1',
  rounds: '1',
  semantics: (): Semantics => ({ kind: 'exact', target: 'P', why: '' }),
} as const;
const run = (): never => {
  throw new Error('not run here');
};
const short = scorer('short', () => 1);
const odd = scorer('an odd "name"', () => 1);
const every = technique({
  ...described,
  name: 'every',
  options: {
    n: option.integer({ doc: '', min: 1, default: 4 }),
    heat: option.number({ doc: '', default: 0.5 }),
    loud: option.flag({ doc: '', default: false }),
    note: option.text({ doc: '', optional: true }),
    kind: option.oneOf(['a', 'b c', 'true'], { doc: '', default: 'a' }),
    list: option.numbers({ doc: '', optional: true }),
    critic: option.model({ doc: '', optional: true }),
    panel: option.models({ doc: '', optional: true }),
    score: option.scorer({ doc: '', optional: true }),
  },
  run,
});
const bare = technique({ ...described, name: 'bare', options: {}, run });
const fusion = combiner({
  ...described,
  name: 'fusion',
  options: { judge: option.model({ doc: '', optional: true }), k: option.integer({ doc: '', default: 1 }) },
  run,
});

const NAMES = ['tiny', 'openai/gpt-5-mini', 'pool:a-b_c.jsonl.gz', 'a model', '1.5', 'true', 'x"y\\z', 'qwen3:4b'];
const scope: FormulaScope = {
  techniques: [every, bare, fusion],
  model: (name) => (NAMES.includes(name) ? leaf(name) : undefined),
  modelNames: NAMES,
  scorers: { short, 'an odd "name"': odd },
};

const { model: models } = fc.letrec<{ model: Model; transform: Transform; scorer: Scorer }>((tie) => ({
  model: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...NAMES).map(leaf),
    fc.tuple(tie('model'), tie('transform')).map(([base, transform]) => plus(base, transform)),
    fc
      .tuple(
        fc.array(tie('model'), { minLength: 1, maxLength: 3 }),
        fc.option(tie('model'), { nil: undefined }),
        fc.integer(),
      )
      .map(([list, referee, k]) => fusion(list, { judge: referee, k })),
  ),
  transform: fc.oneof(
    fc.constant(bare()),
    fc
      .record({
        n: fc.integer({ min: 1 }),
        heat: fc.double({ noNaN: true, noDefaultInfinity: true }),
        loud: fc.boolean(),
        note: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        kind: fc.constantFrom('a', 'b c', 'true'),
        list: fc.option(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), { nil: undefined }),
        critic: fc.option(tie('model'), { nil: undefined }),
        panel: fc.option(fc.array(tie('model'), { minLength: 1, maxLength: 2 }), { nil: undefined }),
        score: fc.option(tie('scorer'), { nil: undefined }),
      })
      .map((options) => every(options)),
  ),
  scorer: fc.oneof(
    fc.constantFrom(short, odd),
    fc
      .tuple(tie('model'), fc.option(fc.string(), { nil: undefined }))
      .map(([model, criteria]) => judge(model, { criteria })),
  ),
}));

const failure = (formula: string): FormulaError => {
  try {
    parse(formula, scope);
  } catch (error) {
    if (error instanceof FormulaError) return error;
    throw error;
  }
  throw new Error(`it parses: ${formula}`);
};

describe('a formula', () => {
  it('parses back to what it is the name of', () => {
    fc.assert(
      fc.property(models, ({ name }) => {
        expect(parse(name, scope).name).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('may be spaced and bracketed at will', () => {
    const wanted = 'fusion(tiny + bare, openai/gpt-5-mini, judge=tiny + every(n=3))';
    for (const formula of [
      wanted,
      'fusion( (tiny+bare) , openai/gpt-5-mini,judge = (tiny + every( n = 3 )) )',
      '(fusion((tiny) + bare(), "openai/gpt-5-mini", judge=tiny\n + every(n=3, heat=0.5)))',
    ])
      expect(parse(formula, scope).name).toBe(wanted);
  });

  it('of transforms alone gives them in order', () => {
    const transforms = parseTransforms('bare + every(n=2)', scope);
    expect(plus(leaf('tiny'), ...transforms).name).toBe('tiny + bare + every(n=2)');
    expect(parseTransforms('  ', scope)).toEqual([]);
  });

  it.each([
    // formula, the text at the character pointed at, problem, suggestion
    ['tiny + evry(n=3)', 'evry', /Unknown technique "evry"/, 'every'],
    ['tinny + bare', 'tinny', /Unknown model "tinny"/, 'tiny'],
    ['tiny + every(m=3)', 'm=3', /every has no option "m" \(it has n, heat/, 'n'],
    ['tiny + every(n=0)', '0)', /every: n must be a positive integer, got 0/, undefined],
    ['tiny + every(n=2, heat="x")', '"x"', /every: heat must be a number, got "x"/, undefined],
    ['tiny + every(kind=d)', 'd)', /kind must be one of "a", "b c", "true", got "d"/, undefined],
    ['tiny + every(n=2, n=3)', 'n=3', /The option "n" is given twice/, undefined],
    ['tiny + every(3)', '3)', /every takes named options/, undefined],
    ['tiny + every(score=shrt)', 'shrt', /Unknown scorer "shrt" \(known: short/, 'short'],
    ['tiny + every(score=judge())', 'judge', /judge takes one model/, undefined],
    ['tiny + every(score=judge(tiny, style="x"))', 'style', /judge has the options criteria/, undefined],
    ['tiny + every(panel=tiny)', 'tiny)', /A list of models is expected/, undefined],
    ['tiny + every(critic=3)', '3)', /A model is expected/, undefined],
    ['tiny + every(n=)', ')', /The option "n" needs a value/, undefined],
    ['tiny + every(critic=, n=2)', ', n', /The option "critic" needs a value/, undefined],
    ['tiny + every(n=', '', /is expected, and the formula ends/, undefined],
    ['tiny + every(n=2', '', /"\)" is expected, and the formula ends/, undefined],
    ['tiny + ', '', /A technique is expected, and the formula ends/, undefined],
    ['', '', /A model is expected, and the formula ends/, undefined],
    ['tiny bare', 'bare', /Unexpected "bare"/, undefined],
    ['tiny + "x', '"x', /no closing quote/, undefined],
    ['tiny & bare', '&', /Unexpected "&"/, undefined],
    ['tiny + fusion(tiny)', 'fusion', /fusion combines models, so it cannot follow a \+/, 'fusion(a, b)'],
    ['every(n=3)', 'every', /every transforms a model, and none stands before it/, 'MODEL + every'],
    ['fusion()', 'fusion', /must name at least one model/, undefined],
    ['fusion(tiny, k=1.5)', '1.5', /k must be an integer, got 1.5/, undefined],
  ])('%s: the error points at what is wrong', (formula, at, problem, suggestion) => {
    const error = failure(formula);
    expect(formula.slice(error.position)).toSatisfy((rest: string) => (at === '' ? rest === '' : rest.startsWith(at)));
    expect(error.message).toMatch(problem);
    expect(error.message).toContain(`at character ${error.position + 1} of`);
    expect(/Did you mean `(.*)`\?/.exec(error.message)?.[1]).toBe(suggestion);
    expect(error.message).not.toContain('\n');
    expect(error.pointer.split('\n')[1]).toBe(`  ${' '.repeat(error.position)}^`);
  });

  it('gives every text a model or an error of its own, never another', () => {
    const pieces = fc.constantFrom(
      'tiny',
      '+',
      'every',
      '(',
      ')',
      ',',
      'n',
      '=',
      '3',
      '"a"',
      '[',
      ']',
      ' ',
      'judge',
      '\\',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces).map((list) => list.join('')),
          fc.string(),
        ),
        (formula) => {
          try {
            expect(parse(formula, scope).name).not.toBe('');
          } catch (error) {
            if (!(error instanceof FormulaError)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(failure(`${'('.repeat(2000)}tiny${')'.repeat(2000)}`).message).toMatch(/nested more than 64 deep/);
  });
});
