import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { folder } from '../test-support/folder.ts';
import { json, plusx } from '../test-support/plusx.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

const answers = { 'The sea is blue and wide.': 0.4, 'Waves come and go.': 0.3, 'Gulls cry over the sand.': 0.3 };
async function serve(knobs: OpenAIServerOptions = {}): Promise<OpenAIServer> {
  const server = await openaiServer({ answers, models: ['m'], ...knobs });
  open.push(server);
  return server;
}

it('shows what a server can do, keeps it, and every verb goes by it', async () => {
  await using place = await folder();
  const server = await serve({ repeatsPrefix: true, ownTemperature: 0.2 });
  const probed = await plusx(['probe', server.url], { cwd: place.path });
  expect(probed.code).toBe(0);
  expect(probed.out).toMatch(/^server\/m\n/);
  expect(probed.out).toMatch(/continuation +yes +by continue_final_message/);
  expect(probed.out.replaceAll(/\s+/g, ' ')).toContain('says the beginning again');
  expect(probed.out).toMatch(/log-probabilities +yes/);
  expect(probed.err).toContain('.plusx/servers.json');
  expect(server.requests.length).toBeLessThanOrEqual(29); // as it says before
  const file = join(place.path, '.plusx/servers.json');
  expect((await stat(file)).mode & 0o077).toBe(0);
  server.forget();
  const asked = await plusx(['ask', 'How is the sea?', '-m', 'server/m', '-p', 'power', '-q'], {
    cwd: place.path,
    env: { PLUSX_BASE_URL: server.url },
  });
  expect(asked.err).toBe('');
  expect(asked.code).toBe(0);
  expect(server.requests.every(({ body }) => body.temperature === 1 && body['repeat_penalty'] === 1)).toBe(true);
});

it('prints one document, and keeps neither the key nor credentials', async () => {
  await using place = await folder();
  const server = await serve({ apiKey: 'sk-very-secret', noLogprobs: true });
  const env = { PLUSX_BASE_URL: server.url, PLUSX_API_KEY: 'sk-very-secret' };
  const save = join(place.path, 'own/found.json');
  const probed = await plusx(['probe', '--json', '--save', save], { cwd: place.path, env });
  expect(probed.err).toMatch(/^At most 29 calls, 608 output tokens \(short questions\)\.\n$/);
  expect(json(probed)).toMatchObject({
    server: server.url,
    model: 'm',
    api: 'chat',
    found: { logprobs: false },
    saved: save,
  });
  expect((await readFile(save, 'utf8')) + probed.out).not.toContain('very-secret');
  // Another model is kept beside it, and the same one in its place.
  for (const more of [
    ['-m', 'other'],
    ['-m', 'm', '--api', 'completions'],
    ['-m', 'm'],
  ])
    expect((await plusx(['probe', server.url, ...more, '-q', '--save', save], { cwd: place.path, env })).code).toBe(0);
  const { servers } = JSON.parse(await readFile(save, 'utf8')) as { servers: { model: string; api: string }[] };
  expect(servers.map(({ model, api }) => `${model} ${api}`).toSorted()).toEqual([
    'm chat',
    'm completions',
    'other chat',
  ]);
});

it('sends the key of one server to no other', async () => {
  await using place = await folder();
  const [mine, other] = [await serve(), await serve()];
  const env = { PLUSX_BASE_URL: mine.url, PLUSX_API_KEY: 'sk-very-secret' };
  expect((await plusx(['probe', other.url, '-q'], { cwd: place.path, env })).code).toBe(0);
  expect(other.requests.length).toBeGreaterThan(5);
  expect(other.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

it.each([
  [['probe'], /^plusx: Name a server or a model: `plusx probe http/, 2],
  [['probe', 'nothing'], /^plusx: Unknown model "nothing"/, 2],
  [['probe', 'enumerable'], /must come from openaiCompatible or provider/, 2],
  [['probe', 'http://127.0.0.1:1/v1'], /^plusx: Cannot reach http:\/\/127\.0\.0\.1:1\/v1/, 1],
])('%j is refused in one line', async (args, message, code) => {
  await using place = await folder();
  const ended = await plusx(args, { cwd: place.path });
  expect([ended.code, ended.out, ended.err.trim().split('\n')]).toEqual([code, '', [expect.stringMatching(message)]]);
});

it('a file that is no such file is named', async () => {
  await using place = await folder();
  const server = await serve();
  const file = await place.write('bad.json', '[1');
  const ended = await plusx(['ask', 'q', '-m', 'server/m'], {
    env: { PLUSX_BASE_URL: server.url, PLUSX_SERVERS: file },
  });
  expect(ended.err).toContain('bad.json is not what plusx probe writes');
});
