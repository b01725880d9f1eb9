import { describe, expect, it } from 'vitest';
import { openaiCompatible } from '../../models/openai/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { openaiServer } from '../../testing/index.ts';
import { ask } from '../ask.ts';
import { user } from '../message.ts';
import { plus } from '../model.ts';
import { memoryJournal, type Candidate } from './journal.ts';
import { sameModel } from './same-model.ts';

const of = (facts: { readonly [fact: string]: string } | undefined): Candidate => ({
  content: [{ type: 'text', text: 'a' }],
  finish: { unified: 'stop', raw: undefined },
  ...(facts && { providerMetadata: { server: facts } }),
});
const OLD = of({ model: 'm-2025-08-07', systemFingerprint: 'fp_1' });
const OTHER_STATE = of({ model: 'm-2025-08-07', systemFingerprint: 'fp_2' });
const NEW = of({ model: 'm-2026-01-01', systemFingerprint: 'fp_3' });
const SILENT = of(undefined);

describe('kept replies and those of this run', () => {
  it.each([
    ['are of one model', [OLD, OLD], [OLD], 0],
    ['are of two', [OLD, OLD], [NEW], 1],
    ['are of two states of a server', [OLD], [OTHER_STATE], 1],
    ['are of states of which one is the same', [OLD, OTHER_STATE], [OTHER_STATE, NEW], 0],
    ['say nothing, the kept ones', [SILENT], [NEW], 0],
    ['say nothing, the new ones', [OLD], [SILENT], 0],
    ['are none', [], [NEW], 0],
  ] as const)('%s', (_, kept, now, warnings) => {
    for (const order of ['kept', 'now'] as const) {
      const same = sameModel();
      const note = { kept: () => same.note(kept, 'kept'), now: () => same.note(now, 'now') };
      const said = [...note[order](), ...note[order === 'kept' ? 'now' : 'kept']()];
      expect(said).toHaveLength(warnings);
      expect(same.withdrawn()).toEqual([]);
    }
  });

  it('may be of some states of one model, and of a model before it', () => {
    const same = sameModel();
    same.note([OTHER_STATE], 'now');
    expect(same.note([OTHER_STATE, OLD], 'kept')).toEqual([]);
    expect(same.note([NEW], 'kept')).toEqual([expect.objectContaining({ code: 'model-changed' })]);
  });

  it('are said to be of two once, with both names and a way out, and it is taken back where the old one comes again', () => {
    const same = sameModel();
    same.note([OLD], 'kept');
    const [said, ...more] = [...same.note([NEW], 'now'), ...same.note([NEW], 'now'), ...same.note([OLD], 'kept')];
    expect(more).toEqual([]);
    expect(said?.message).toBe(
      'replies that were kept are of "m-2025-08-07, fp_1", and the server now answers as "m-2026-01-01, fp_3": what is drawn from both may be of two models. Name another store, or delete the older replies with `plusx store gc`',
    );
    same.note([OLD], 'now');
    expect(same.withdrawn()).toEqual([said]);
  });
});

it('a kept reply that no state has followed, as a journal knows, is not said to be of another model than those before it', () => {
  const same = sameModel();
  same.note([OLD], 'now');
  same.isOfLate(OTHER_STATE);
  expect(same.note([OTHER_STATE], 'kept')).toEqual([]);
  // The server answers in a third state since.
  expect(same.note([NEW], 'now')).toEqual([expect.objectContaining({ code: 'model-changed' })]);
});

it('old replies are said to be, once each way, while no reply says of which model the server is', () => {
  const same = sameModel();
  const aged = ['a', 'b'].map((message) => ({ code: 'kept-long-ago', message }));
  const warnings = [0, 0, 1, 0, 1].flatMap((i) => same.note([OLD], 'kept', aged[i]));
  expect([warnings, same.note([OLD], 'kept')]).toEqual([aged, []]);
  expect(same.note([SILENT], 'now')).toEqual([]);
  expect(same.withdrawn()).toEqual([]);
  expect(same.note([OLD], 'now')).toEqual([]); // now it is known
  expect(same.withdrawn()).toEqual(aged);
  expect(same.note([OLD], 'kept', { code: 'kept-long-ago', message: 'c' })).toEqual([]);
});

describe('what a journal says of a model that has changed', () => {
  const [first, second] = ['a', 'b'].map((message) => ({ code: 'model-changed', message }));

  it('is said once in each run, whichever state was first', () => {
    const same = sameModel();
    const run = {};
    const said = [first, second, first].map((old) => same.note([old === first ? OLD : OTHER_STATE], 'kept', old, run));
    expect(said).toEqual([[first], [], []]);
    expect([same.note([OTHER_STATE], 'kept', second, {}), same.note([OLD], 'kept', first, run)]).toEqual([
      [second],
      [],
    ]);
  });

  it('is said in the place of what is found here, while replies of late are of both', () => {
    const same = sameModel();
    expect(same.note([OLD, NEW], 'now')).toEqual([]);
    expect(same.note([OLD], 'kept', first)).toEqual([first]);
    expect(
      same.note(
        Array.from({ length: 16 }, () => NEW),
        'now',
      ),
    ).toEqual([]);
    expect(same.withdrawn()).toEqual([]);
  });

  it('is taken back where the state of the kept one comes again, and not said after it', () => {
    const same = sameModel();
    same.note([OLD], 'kept', first);
    same.note([OLD], 'now');
    expect(same.withdrawn()).toEqual([first]);
    expect(same.note([OLD], 'kept', first, {})).toEqual([]);
  });
});

it('of old replies and a server that has changed, what is known is said in the place of what was not', () => {
  const same = sameModel();
  const [old] = same.note([OLD], 'kept', { code: 'kept-long-ago', message: 'a' });
  expect(same.note([NEW], 'now').map(({ code }) => code)).toEqual(['model-changed']);
  expect(same.withdrawn()).toEqual([old]);
});

it('many kept models are remembered, and none without an end', () => {
  const same = sameModel();
  const models = Array.from({ length: 1000 }, (_, i) => of({ model: `m-${i}` }));
  same.note(models, 'kept');
  expect(same.note([NEW], 'now')).toHaveLength(64);
  expect(same.note(models, 'now')).toEqual([]);
});

it('a server whose model changed under its name is told of where old draws and new ones meet', async () => {
  const journal = memoryJournal();
  const server = await openaiServer({ answers: { yes: 1 } });
  let served = 'm-1';
  const asked = async (n: number): Promise<readonly string[]> => {
    const model = openaiCompatible({
      model: 'm',
      baseURL: server.url,
      quirks: { n: false },
      async fetch(...request) {
        const reply = (await (await fetch(...request)).json()) as object;
        return Response.json({ ...reply, model: served });
      },
    });
    const { warnings } = await ask(plus(model, selfConsistency({ n })), { prompt: [user('q')] }, { journal });
    return warnings.filter(({ code }) => code === 'model-changed').map(({ message }) => message);
  };
  expect([await asked(2), await asked(3)]).toEqual([[], []]);
  served = 'm-2';
  expect(await asked(3)).toEqual([]); // nothing new is drawn
  // In one process what came before is remembered for some replies.
  expect(await asked(20)).toEqual([expect.stringMatching(/: replies that were kept are of "m-1.*answers as "m-2/)]);
  await server.close();
});
