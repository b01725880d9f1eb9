/** What a server that others run does not heed is said: seed and temperature, and the format of the reply. */
import { describe, expect, it } from 'vitest';
import type { Content } from '../message.ts';
import type { Request } from '../sample.ts';
import { heeding } from './heeding.ts';
import type { Candidate } from './journal.ts';

const request: Request = { prompt: [{ role: 'user', content: [{ type: 'text', text: 'q' }] }] };
const LONG = 'First add 14 and 23, then take 9 away from what comes out: 28 apples.';
const candidate = (text: string, more: Partial<Candidate> = {}): Candidate => ({
  content: [{ type: 'text', text }],
  finish: { unified: 'stop', raw: 'stop' },
  ...more,
});
/** The codes said of each call, where each text is drawn at an address of its own. */
function codes(
  calls: readonly (readonly string[])[],
  asked: Request = request,
  more: Partial<Candidate> = {},
): string[][] {
  const watch = heeding();
  let at = 0;
  return calls.map((texts) =>
    watch
      .note(
        asked,
        texts.map((text) => ({ id: `${at++}`, candidate: candidate(text, more) })),
      )
      .map(({ code }) => code),
  );
}
const SAID = ['draws-identical'];

describe('draws that come back as one text', () => {
  it.each<
    [
      what: string,
      calls: readonly (readonly string[])[],
      asked: Partial<Request>,
      more: Partial<Candidate>,
      said: string[][],
    ]
  >([
    ['at once', [[LONG, LONG, LONG, LONG]], {}, {}, [SAID]],
    ['one by one', [[LONG], [LONG], [LONG], [LONG]], {}, {}, [[], [], SAID, SAID]],
    ['at a high temperature', [[LONG, LONG, LONG]], { temperature: 1.5 }, {}, [SAID]],
    ['that are short', [['28', '28', '28', '28', '28']], {}, {}, [[]]],
    ['that are short and many', [Array.from({ length: 60 }, () => '28')], {}, {}, [SAID]],
    [
      'but once',
      [
        [LONG, LONG, LONG, `${LONG} `],
        [LONG, LONG, LONG, LONG],
      ],
      {},
      {},
      [[], []],
    ],
    ['at temperature 0', [[LONG, LONG, LONG, LONG]], { temperature: 0 }, {}, [[]]],
    ['at a low temperature', [[LONG, LONG, LONG, LONG]], { temperature: 0.2 }, {}, [[]]],
    ['of the likeliest token', [[LONG, LONG, LONG, LONG]], { topK: 1 }, {}, [[]]],
    ['that the model is sure of', [[LONG, LONG, LONG, LONG]], {}, { logprob: -0.05 }, [[]]],
    ['that the model is not sure of', [['28', '28', '28']], {}, { logprob: -4 }, [SAID]],
    ['of nothing', [['', '', '', '', '']], {}, {}, [[]]],
  ])('%s', (_what, calls, asked, more, said) => {
    expect(codes(calls, { ...request, ...asked }, more)).toEqual(said);
  });

  it('are no longer said to be one where two differ later, whatever was said before', () => {
    for (const texts of [
      [LONG, LONG, LONG, 'another'],
      ['another', LONG, LONG, LONG],
    ]) {
      const watch = heeding();
      expect(watch.withdrawn).toEqual([]);
      const said = texts.flatMap((text, i) => watch.note(request, [{ id: `${i}`, candidate: candidate(text) }]));
      expect(watch.withdrawn?.map(({ code }) => code)).toEqual(SAID);
      for (const warning of said) expect(watch.withdrawn).toContainEqual(warning);
    }
  });

  it('are none where one address is drawn again, and none where the question is another', () => {
    const watch = heeding();
    const drawn = (id: string): { id: string; candidate: Candidate } => ({ id, candidate: candidate(LONG) });
    for (let i = 0; i < 10; i++) expect(watch.note(request, [drawn('one')])).toEqual([]);
    for (let i = 0; i < 10; i++) expect(watch.note({ ...request, maxOutputTokens: i }, [drawn(`${i}`)])).toEqual([]);
  });

  it('differ where their thoughts do, or the input of a call', () => {
    const kinds: ((i: number) => Content)[] = [
      (i) => ({ type: 'reasoning', text: `thought ${i}` }),
      (i) => ({ type: 'tool-call', toolCallId: '1', toolName: 'add', input: `{"a":${i}}` }),
    ];
    for (const part of kinds) {
      const drawn = [0, 1, 2, 3].map((i) => ({
        id: `${i}`,
        candidate: candidate('', { content: [part(i), { type: 'text', text: LONG }] }),
      }));
      expect(heeding().note(request, drawn)).toEqual([]);
    }
  });
});

const SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'integer' }, steps: { type: 'array', items: { type: 'string' } } },
  required: ['answer'],
};

describe('the format of a reply', () => {
  it.each<[text: string, schema: object | undefined, off: string | undefined]>([
    ['{"answer": 28}', SCHEMA, undefined],
    ['\n{"answer": 28, "steps": ["a"], "more": 1}\n', SCHEMA, undefined],
    ['<think>28, I think.</think>{"answer": 28}', SCHEMA, undefined],
    ['{"answer": "28"}', SCHEMA, '/answer is no integer'],
    ['{"answer": 2.5}', SCHEMA, '/answer is no integer'],
    ['{"steps": []}', SCHEMA, '/answer is missing'],
    ['{"answer": 1, "steps": ["a", 2]}', SCHEMA, '/steps/1 is no string'],
    ['[28]', SCHEMA, 'it is no object'],
    ['null', { type: ['object', 'null'] }, undefined],
    ['14+23=37\nAnswer: 28', SCHEMA, 'no JSON'],
    ['```json\n{"answer": 28}\n```', SCHEMA, 'no JSON'],
    ['{"answer": 28', SCHEMA, 'no JSON'],
    ['', SCHEMA, 'no JSON'],
    ['28', undefined, undefined],
    ['no', undefined, 'no JSON'],
    ['{"a": 1}', { $ref: '#/$defs/a' }, undefined],
  ])('%j', (text, schema, off) => {
    const asked: Request = { ...request, responseFormat: { type: 'json', ...(schema && { schema: { ...schema } }) } };
    const said = heeding().note(asked, [{ id: '1', candidate: candidate(text) }]);
    const message = expect.stringContaining(`(${off})`) as string;
    expect(said).toEqual(off === undefined ? [] : [{ code: 'format-ignored', message }]);
  });

  it('is not looked at where none was asked for, where the reply was cut off, and where it calls a tool', () => {
    const json: Request = { ...request, responseFormat: { type: 'json' } };
    const drawn = (more: Partial<Candidate>): { id: string; candidate: Candidate }[] => [
      { id: '1', candidate: candidate('no', more) },
    ];
    expect(heeding().note(request, drawn({}))).toEqual([]);
    expect(heeding().note({ ...request, responseFormat: { type: 'text' } }, drawn({}))).toEqual([]);
    expect(heeding().note(json, drawn({ finish: { unified: 'length', raw: 'length' } }))).toEqual([]);
    const call: Content = { type: 'tool-call', toolCallId: '1', toolName: 'add', input: '{}' };
    expect(heeding().note(json, drawn({ content: [call] }))).toEqual([]);
  });

  it('is no reason to fail where the value is nested deeply', () => {
    const deep = `${'['.repeat(150)}${']'.repeat(150)}`;
    let schema: { [key: string]: unknown } = { type: 'string' };
    for (let i = 0; i < 150; i++) schema = { type: 'array', items: schema };
    const asked = { ...request, responseFormat: { type: 'json', schema } } as Request;
    expect(heeding().note(asked, [{ id: '1', candidate: candidate(deep) }])).toEqual([]);
  });
});
