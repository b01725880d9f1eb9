/**
 * Secrets come out nowhere. Every variable of every provider holds a key, and an address with a user, a password and a query, each
 * a text of its own. The whole command line runs against a server that repeats what it is sent, and what it prints, writes and
 * sends is searched for all of them.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVIDERS } from '../models/openai/index.ts';
import {
  canaryServer,
  FILE,
  MODES,
  PROMPT,
  settings,
  type Canary,
  type CanaryServer,
  type Mode,
} from './test-support/canaries.ts';
import { folder, lines } from './test-support/folder.ts';
import { plusx, type Ended } from './test-support/plusx.ts';

let server: CanaryServer;
beforeAll(async () => void (server = await canaryServer()));
afterAll(() => server.close());

const TASK = `${FILE.text}.jsonl`;
const PAGE = `${FILE.text}.md`;

interface Written {
  readonly name: string;
  readonly mode: number;
  readonly text: string;
}
interface Left {
  readonly out: string;
  readonly err: string;
  readonly files: readonly Written[];
  readonly canaries: readonly Canary[];
  /** What the server was sent: what a key in base64 says is written out. */
  readonly sent: string;
}

interface Setting {
  readonly mode: Mode;
  /** Whether there is a key besides the credentials in the address, which then stay at home. */
  readonly key?: boolean;
  readonly model?: string;
  readonly env?: { readonly [name: string]: string };
  /** Runs the command lines side by side. */
  readonly together?: boolean;
  /** Ends a verb that goes on, as Ctrl-C does. */
  readonly endAfterMs?: number;
}

/** Runs command lines in a folder of their own, with all secrets set. */
async function run(
  commands: readonly (readonly string[])[],
  { mode, key = true, env: more = {}, model = 'server/some', together = false, endAfterMs }: Setting,
): Promise<Left> {
  await using at = await folder();
  await at.write(TASK, lines({ input: `${PROMPT.text}: what is 2 + 2?`, expected: '4' }));
  await at.write(PAGE, `# A page\n\n${PROMPT.text} stands here.\n`);
  const { env, canaries } = settings(server, mode, key);
  const before = server.heard.length;
  const start = (args: readonly string[]): Promise<Ended> =>
    plusx(
      args.map((arg) => (arg === 'MODEL' ? model : arg)),
      {
        cwd: at.path,
        env: { ...env, PLUSX_MODEL: 'some', ...more },
        ...(endAfterMs && { started: (child) => void setTimeout(() => child.kill('SIGINT'), endAfterMs).unref() }),
      },
    );
  const all: Ended[] = [];
  if (together) all.push(...(await Promise.all(commands.map(start))));
  else for (const args of commands) all.push(await start(args));
  const names = await readdir(at.path, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    names
      .filter((one) => one.isFile() && one.name !== TASK && one.name !== PAGE)
      .map(async (one): Promise<Written> => {
        const path = join(one.parentPath, one.name);
        const text = (await readFile(path)).toString('latin1');
        return { name: path.slice(at.path.length + 1), mode: (await stat(path)).mode & 0o777, text };
      }),
  );
  const sent = server.heard
    .slice(before)
    .map(({ text }) =>
      text.replaceAll(/Basic ([\w+/=]+)/g, (_, pair: string) => Buffer.from(pair, 'base64').toString()),
    )
    .join('\n');
  return { out: all.map(({ out }) => out).join(''), err: all.map(({ err }) => err).join(''), files, sent, canaries };
}

/** Where a text came out: the names of the places, each with what stands around it. */
function placesOf(text: string, { out, err, files }: Left): { [place: string]: string } {
  const all = [['out', out], ['err', err], ...files.map((file) => [file.name, file.text])] as [string, string][];
  return Object.fromEntries(
    all.filter(([, said]) => said.includes(text)).map(([place, said]) => [place, around(said, text)]),
  );
}
const around = (text: string, found: string): string =>
  text.slice(Math.max(0, text.indexOf(found) - 60), text.indexOf(found) + 80);

const leaks = (left: Left): object =>
  Object.fromEntries(
    left.canaries.flatMap(({ place, text }) => {
      const places = placesOf(text, left);
      return Object.keys(places).length > 0 ? [[place, places]] : [];
    }),
  );

const ASK = ['ask', PROMPT.text, '-m', 'MODEL'];
const EVAL = ['eval', TASK, '-m', 'MODEL', '--metric', 'numeric'];
const CURVE = ['curve', TASK, '-m', 'MODEL', '--metric', 'numeric', '--over', 'n=1,2', '-p', 'selfConsistency'];
const SHOW = ['show', PROMPT.text, '-m', 'MODEL', '-n', '4'];

describe.each(MODES)('a server that answers with %s', (mode) => {
  it.each([true, false])('is told no secret, and none is repeated (a key: %s)', async (key) => {
    const verbs = [ASK, [...EVAL, '--store', 's.db', '--out', 'o.json'], ['probe', '--save', 'p.json'], ['models']];
    const left = await run(verbs, { mode, key, env: { PLUSX_DEBUG: '1' }, together: true });
    expect(leaks(left)).toEqual({});
    expect(left.sent).not.toContain(FILE.text);
  });
});

describe.each(Object.keys(PROVIDERS))('the provider %s', (name) => {
  it.each([true, false])('gets its own key or credentials and nothing else (a key: %s)', async (key) => {
    const left = await run([ASK], { mode: '401', key, model: `${name}/some` });
    expect(leaks(left)).toEqual({});
    const { key: variable, url } = PROVIDERS[name] as (typeof PROVIDERS)[string];
    const told = left.canaries.filter(({ text }) => left.sent.includes(text)).map(({ place }) => place);
    const own = key ? [`${variable} key`] : [`${url} user`, `${url} password`];
    const asked = key || PROVIDERS[name]?.keyOptional;
    expect(told.toSorted()).toEqual(asked ? [...own, `${url} query`].toSorted() : []);
  });
});

/** Command lines, and where the prompt may be afterwards. */
const VERBS: readonly (readonly [what: string, commands: readonly (readonly string[])[], prompt: readonly string[]])[] =
  [
    ['ask', [ASK], []],
    ['ask --trace', [[...ASK, '--trace', '-p', 'selfRefine']], []],
    ['ask --json', [[...ASK, '--json', '--trace']], ['out']],
    ['ask --store', [[...ASK, '--store', 's.db']], []],
    ['ask --memory', [[...ASK, '--memory', 'm.db', '-p', 'memPrompt']], []],
    ['show', [SHOW], ['out']],
    ['show --svg', [[...SHOW, '--svg', 'p.svg', '--json']], ['out', 'p.svg']],
    ['eval', [EVAL], []],
    ['eval --out', [[...EVAL, '--out', 'o.json', '--store', 's.db', '--run', 'r', '--json']], ['o.json', 's.db']],
    [
      'eval --records',
      [
        [...EVAL, '--records', 'r.csv'],
        [...EVAL, '--records', 'r.jsonl'],
      ],
      ['r.csv', 'r.jsonl'],
    ],
    ['curve', [[...CURVE, '--svg', 'p.svg', '--out', 'o.json', '--store', 's.db']], []],
    ['curve --json', [[...CURVE, '--json']], []],
    ['models', [['models'], ['models', '--json']], []],
    [
      'probe',
      [
        ['probe', '--save', 'p.json'],
        ['probe', 'MODEL', '--json'],
      ],
      [],
    ],
    ['techniques', [['techniques'], ['techniques', 'bestOfN', '--json']], []],
    ['demo', [['demo', '--exact']], []],
    [
      'memory',
      [
        ['memory', 'add', PROMPT.text, '--memory', 'm.db'],
        ['memory', 'list', '--memory', 'm.db'],
        ['memory', 'search', 'heron', '--memory', 'm.db'],
        ['memory', 'index', PAGE, '--memory', 'm.db'],
        ['memory', 'reindex', '--memory', 'm.db'],
      ],
      ['out', 'm.db'],
    ],
    ['an unknown model', [['ask', PROMPT.text, '-m', 'nobody/some']], []],
    ['a broken formula', [[...ASK, '-p', 'selfConsistency(n=']], []],
    ['an MCP server that is not there', [[...ASK, '-p', 'react(tools=mcp)', '--mcp', 'no-such-program']], []],
  ];

it.each(VERBS)('%s: no secret, and the prompt where it may be', async (_, commands, may) => {
  const left = await run(commands, { mode: '200' });
  expect(leaks(left)).toEqual({});
  expect(left.sent).not.toContain(FILE.text);
  expect(Object.keys(placesOf(PROMPT.text, left)).toSorted()).toEqual(may.toSorted());
  const open = left.files.filter(({ name, mode }) => mode !== (name.endsWith('.svg') ? 0o644 : 0o600));
  expect(open).toEqual([]);
});

it('verbs that stand in no table here say no secret either', async () => {
  const { out } = await plusx(['--help']);
  const names = [...out.matchAll(/^ {2}([a-z]+)\b.*/gm)].map(([, name = '']) => name);
  expect(names).toEqual(expect.arrayContaining(['ask', 'show', 'eval', 'curve', 'models', 'probe', 'memory', 'demo']));
  const known = new Set(VERBS.flatMap(([, commands]) => commands.map(([verb]) => verb)));
  const others = [...new Set(names)].filter((name) => !known.has(name));
  const commands = others.flatMap((name) => [
    [name],
    [name, '--json'],
    [name, TASK, '-m', 'MODEL'],
    [name, PROMPT.text, '-m', 'MODEL'],
  ]);
  for (const mode of ['200', '401'] as const)
    expect(leaks(await run(commands, { mode, together: true, endAfterMs: 6000 }))).toEqual({});
});
