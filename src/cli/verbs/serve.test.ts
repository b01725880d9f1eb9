import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openaiServer } from '../../testing/index.ts';
import { plusx, type Ended } from '../test-support/plusx.ts';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Started {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the server in a bare folder, on a port that is free. */
function start(
  args: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
  cwd = bare(),
): Promise<Started> {
  return new Promise((resolve, reject) => {
    const ended = plusx(['serve', '--port', '0', ...args], {
      env,
      cwd,
      started(child) {
        running.push(child);
        let said = '';
        child.stderr?.on('data', (text: string) => {
          said += text;
          const [, url] = /Listening on (\S+)\./.exec(said) ?? [];
          if (url !== undefined) resolve({ url, child, ended });
        });
      },
    });
    ended.then(({ err }) => reject(new Error(err)), reject);
  });
}

const bare = (): string => mkdtempSync(join(tmpdir(), 'plusx-serve-'));

const ask = (url: string, model: string, more: object = {}): Promise<Response> =>
  fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'What is 2 + 3 ?' }], ...more }),
  });

it('answers with the embedded model in a bare folder, and ends at SIGTERM', async () => {
  const { url, child, ended } = await start();
  const response = await ask(url, 'plusx:tiny + selfConsistency(n=5)');
  expect([response.status, await response.json()]).toMatchObject([
    200,
    { choices: [{ finish_reason: 'stop' }], usage: { cost: 0, plusx: { calls: 5 } } },
  ]);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, out: '' });
});

it('knows the names of a configuration, and reads no file that a request names', async () => {
  const cwd = bare();
  const upstream = await openaiServer({ answers: 'The answer is 5.' });
  writeFileSync(
    join(cwd, 'samples.jsonl'),
    '{"id":"1","question":"What is 2 + 3 ?","gold":"5","samples":[{"text":"5"}]}\n',
  );
  writeFileSync(
    join(cwd, 'plusx.config.json'),
    JSON.stringify({
      models: { careful: 'mine/test + selfConsistency(n=3)', pooled: 'pool:samples.jsonl' },
      providers: { mine: { baseURL: upstream.url } },
    }),
  );
  const { url } = await start([], {}, cwd);
  const { data } = (await (await fetch(`${url}/models`)).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(['careful', 'pooled', 'plusx:tiny', 'enumerable']);
  expect(await (await ask(url, 'careful + reRead')).json()).toMatchObject({
    plusx: { formula: 'mine/test + selfConsistency(n=3) + reRead' },
  });
  expect((await ask(url, 'mine/test')).status).toBe(200);
  expect((await ask(url, 'pooled')).status).toBe(200);
  for (const name of ['pool:samples.jsonl', 'recorded:samples.jsonl', 'gguf:samples.jsonl', 'ai-sdk:@ai-sdk/openai/x'])
    expect((await ask(url, `${name} + reRead`)).status).toBe(404);
  await upstream.close();
});

it('lets running requests finish, and cuts them with the best so far when they take too long', async () => {
  const latencyMs = (index: number): number => (index === 0 ? 600 : index < 4 ? 0 : 60_000);
  const upstream = await openaiServer({ answers: 'Five.', latencyMs });
  const cwd = bare();
  const providers = { mine: { baseURL: upstream.url, quirks: { n: false } } };
  writeFileSync(join(cwd, 'plusx.config.json'), JSON.stringify({ providers }));
  const { url, child, ended } = await start(['--drain', '1500'], {}, cwd);
  const quick = ask(url, 'mine/test + reRead');
  await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(1);
  const slow = ask(url, 'mine/test + selfConsistency(n=5)');
  await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(6);
  const passed = ask(url, 'mine/test');
  await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(7);
  child.kill('SIGTERM');
  expect((await quick).status).toBe(200);
  expect(await (await slow).json()).toMatchObject({ choices: [{}], plusx: { exhausted: 'ms' } });
  expect((await passed).status).toBe(504);
  expect((await ended).code).toBe(0);
  await upstream.close();
});

it('listens nowhere else without keys', async () => {
  const { code, err } = await plusx(['serve', '--host', '0.0.0.0', '--port', '0']);
  expect([code, err]).toEqual([2, expect.stringContaining('must be this machine where there are no keys')]);
});

it('lets in who has a key, on any address, and forgets nobody when it is started again', async () => {
  const cwd = bare();
  const added = await plusx(['keys', 'add', 'mia', '--models', 'plusx:*', '--day', 'calls=4', '--json'], { cwd });
  const { key, id } = JSON.parse(added.out) as { key: string; id: string };
  const say = async (url: string, model: string, bearer: string): Promise<number> => {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'What is 2 + 3 ?' }] }),
    });
    await response.text();
    return response.status;
  };
  const first = await start(['--host', '0.0.0.0'], {}, cwd);
  const url = first.url.replace('0.0.0.0', '127.0.0.1');
  expect(await say(url, 'plusx:tiny', 'none')).toBe(401);
  expect(await say(url, 'enumerable', key)).toBe(404);
  expect(await say(url, 'plusx:tiny + selfConsistency(n=3)', key)).toBe(200);
  first.child.kill('SIGTERM');
  const { err } = await first.ended;
  const lines = err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { status?: number });
  expect(lines.flatMap(({ status }) => status ?? [])).toEqual([401, 404, 200]);
  expect(lines[3]).toMatchObject({ level: 'info', key: 'mia', formula: 'plusx:tiny + selfConsistency(n=3)' });
  for (const secret of [key, 'none', 'What is 2 + 3']) expect(err).not.toContain(secret);
  const again = await start([], {}, cwd);
  expect(await say(again.url, 'plusx:tiny + selfConsistency(n=3)', key)).toBe(402);
  expect(await say(again.url, 'plusx:tiny', key)).toBe(200);
  const listed = JSON.parse((await plusx(['keys', 'list', '--json'], { cwd })).out) as unknown;
  expect(listed).toMatchObject([{ id, name: 'mia', revoked: false, spent: { day: { calls: 4 } } }]);
  expect(JSON.stringify(listed)).not.toContain(key);
  expect((await plusx(['keys', 'revoke', 'mia'], { cwd })).code).toBe(0);
  await expect.poll(() => say(again.url, 'plusx:tiny', key), { timeout: 10_000 }).toBe(401);
  expect((await plusx(['keys', 'revoke', 'nobody'], { cwd })).code).toBe(2);
});

it('a model of the configuration may be made of one of the server at PLUSX_BASE_URL', async () => {
  const upstream = await openaiServer({ answers: 'The answer is 5.', models: ['m'] });
  try {
    const folder = bare();
    writeFileSync(
      join(folder, 'plusx.config.json'),
      JSON.stringify({ models: { voted: 'server/m + selfConsistency(n=3)' } }),
    );
    const { url } = await start([], { PLUSX_BASE_URL: upstream.url }, folder);
    const response = await ask(url, 'voted');
    expect([response.status, await response.json()]).toMatchObject([200, { usage: { plusx: { calls: 3 } } }]);
  } finally {
    await upstream.close();
  }
});

it('loads the modules that the configuration imports: their techniques, scorers and models are names like any other', async () => {
  const folder = bare();
  const mine = `import { enumerable, scorer, textOf } from 'plusx';
    export const short = scorer('short', (sample) => -textOf(sample.content).length);
    export const parrot = enumerable({ name: 'parrot', answers: { '*': { polly: 1 } } });`;
  writeFileSync(join(folder, 'mine.ts'), mine);
  writeFileSync(
    join(folder, 'plusx.config.ts'),
    "export default { imports: ['./mine.ts'], models: { chosen: 'parrot + bestOfN(n=2, score=short)' } };",
  );
  const { url } = await start([], {}, folder);
  for (const model of ['chosen', 'parrot', 'parrot + reRead', 'parrot + bestOfN(n=2, score=short)']) {
    const response = await ask(url, model);
    expect([model, response.status, JSON.stringify(await response.json())]).toEqual([
      model,
      200,
      expect.stringContaining('polly'),
    ]);
  }
});
