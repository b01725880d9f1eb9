import { expect, it } from 'vitest';
import { memoryJournal, TimedOut, Unreachable, UpstreamError } from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { scripted } from '../../models/written/index.ts';
import { compile } from '../compile.ts';
import { parseSpace } from '../space/parse.ts';
import type { Report } from '../report.ts';
import { questions } from '../test-support/world.ts';

const at = (status: number, retryable = true): Error =>
  new UpstreamError({ url: 'http://x', status, body: 'away', retryable });

/** A model that fails from its so many-th call on; `undefined`: never. */
const until = (calls: number | undefined, failure: Error) => {
  let made = 0;
  return scripted(
    ({ prompt }) => {
      if (calls !== undefined && ++made > calls) return failure;
      return { text: `answer ${Number(/Question (\d+)/.exec(JSON.stringify(prompt))?.[1]) % 7}` };
    },
    { name: 'world', can: { concurrency: 4 } },
  );
};

const search = (model: ReturnType<typeof until>, journal = memoryJournal()) =>
  compile(parseSpace('selfConsistency(n=[3, 5])', { techniques, model: () => undefined }), questions(24), {
    model,
    budget: { calls: 400 },
    journal,
  });
let undisturbed: ReturnType<typeof search> | undefined;

it.each<[string, Error, number]>([
  ['an empty account', at(429, false), 0.2],
  ['an account that is emptied late', at(429, false), 0.9],
  ['a key that is no good any more', at(401, false), 0.5],
  ['a server without money', at(402, false), 0.8],
  ['a rate limit to the end', at(429), 0.4],
  ['a server that fails', at(503), 0.7],
  ['a server that is gone', new Unreachable({ url: 'http://x', why: 'nothing listens there' }), 0],
  ['a server that is silent', new TimedOut({ url: 'http://x', ms: 5 }), 0.6],
])('%s ends a search, which goes on once it is well again', async (_what, failure, share) => {
  const { report: whole } = await (undisturbed ??= search(until(undefined, failure)));
  expect(whole.base.accuracy).toBe(1);
  const calls = whole.stages.reduce((sum, stage) => sum + stage.calls, 0);
  const journal = memoryJournal();
  await expect(search(until(Math.floor(share * calls), failure), journal)).rejects.toThrow(failure.message);
  const { report } = await search(until(undefined, failure), journal);
  // A few items may be lost, in a round that was worth keeping.
  const told = ({ base, picked, improved, verdict, tried }: Report) => [
    base.accuracy,
    picked,
    improved,
    verdict,
    tried.map(({ dev }) => dev),
  ];
  expect(told(report)).toEqual(told(whole));
  expect(report.warnings.join()).not.toContain('on every item');
});
