/** A file of `compile` answers alike wherever it is loaded: in the library, on the command line, by a server, in a browser. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveProgram, type Program } from '../../compile/index.ts';
import { fitGate } from '../../compile/route/gate.ts';
import { answersOf } from '../../compile/test-support/reload.ts';
import { hasChromium, openChromium } from '../../studio/test-support/launch.ts';
import { folder, type Folder } from '../test-support/folder.ts';
import { json, plusx, startServer } from '../test-support/plusx.ts';

const WEIGHTS = new URL('../../../training/release/tiny.plusx', import.meta.url);
const ENTRY = join(import.meta.dirname, '../../compile/test-support/reload.ts');

const QUESTIONS = [
  'Question: Paul has 58 nails. He loses 46. How many nails does Paul have?',
  'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?',
  'Question: Tom has 7 coins. He buys 5 bags of 3. How many coins does Tom have?',
];

/** A wording that was evolved, demonstrations, a vote; and a panel of several ways to ask, held to what a question may take. */
const PROGRAMS: { readonly [name: string]: Program } = {
  evolved: {
    plusx: 1,
    model: 'plusx:tiny',
    plus: 'request(system="Solve it step by step.\\nEnd with \\"Answer:\\" and the number, naïvely.") + demos(k=2, set=1) + selfConsistency(n=3)',
    demonstrations: [
      {
        question: 'Question: Ann has 4 pens. She gets 4 more. How many pens does Ann have?',
        answer: '4 + 4 = 8.\nAnswer: 8',
      },
      {
        question: 'Question: Bob has 9 keys. He loses 2. How many keys does Bob have?',
        answer: '9 - 2 = 7.\nAnswer: 7',
      },
      {
        question: 'Question: Eva has 3 cups. She gets 3 more. How many cups does Eva have?',
        answer: '3 + 3 = 6.\nAnswer: 6',
      },
    ],
  },
  panel: {
    plusx: 1,
    model: 'plusx:tiny',
    plus: '',
    router: {
      name: 'within3',
      members: ['', 'selfConsistency(n=3)', 'reRead + selfConsistency(n=2)'],
      weights: [1, 1.5, 1.2],
      threshold: 0.9,
      gate: fitGate([10, 40, 25, 60].map((length, i) => ({ seen: { answer: '1', length, share: 0.5 }, grade: i % 2 }))),
    },
    perQuestion: { calls: 6 },
  },
};
const names = Object.keys(PROGRAMS);

let here: Folder;
let server: Awaited<ReturnType<typeof startServer>>;
const expected = new Map<string, readonly string[]>();
beforeAll(async () => {
  here = await folder();
  for (const [name, program] of Object.entries(PROGRAMS)) {
    await saveProgram(program, join(here.path, `${name}.plusx.json`));
    expected.set(name, await answersOf(program, QUESTIONS));
  }
  await here.write(
    'plusx.config.json',
    JSON.stringify({ models: Object.fromEntries(names.map((name) => [name, `${name}.plusx.json`])) }),
  );
  server = await startServer(here.path);
}, 120_000);
afterAll(async () => {
  server.child.kill('SIGKILL');
  await server.ended;
  await here[Symbol.asyncDispose]();
});

it('the answers are worth comparing', () => {
  expect(new Set([...expected.values()].flat()).size).toBeGreaterThan(3);
});

it.each(names)('%s: the command line answers as the library does', async (name) => {
  const said = [];
  for (const [seed, question] of QUESTIONS.entries()) {
    const args = ['ask', question, '-m', `${name}.plusx.json`, '--seed', String(seed), '--json', '-q'];
    said.push((json(await plusx(args, { cwd: here.path })) as { readonly text: string }).text);
  }
  expect(said).toEqual(expected.get(name));
});

it.each(names)('%s: a server answers as the library does', async (model) => {
  const said = [];
  for (const [seed, question] of QUESTIONS.entries()) {
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, seed, messages: [{ role: 'user', content: question }] }),
    });
    const body = (await response.json()) as { readonly choices: readonly { readonly message: { content: string } }[] };
    said.push(body.choices[0]?.message.content);
  }
  expect(said).toEqual(expected.get(model));
});

const canBrowse = hasChromium && existsSync(WEIGHTS);
if (!canBrowse) console.warn('reload: there is no Chromium or no training/release, so no browser is compared with');

it.skipIf(!canBrowse).each(names)('%s: a browser answers as the library does', { timeout: 240_000 }, async (name) => {
  const bundle = await rolldown({ input: ENTRY, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const files = new Map(output.map((one) => [one.fileName, one.type === 'chunk' ? one.code : String(one.source)]));
  const program = await readFile(join(here.path, `${name}.plusx.json`), 'utf8');
  const weights = (await readFile(WEIGHTS)).toString('base64');
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    await page.route('http://plusx.test/**', (route) => {
      const body = files.get(new URL(route.request().url()).pathname.slice(1));
      return body === undefined
        ? route.fulfill({ contentType: 'text/html', body: '<title>reload</title>' })
        : route.fulfill({ contentType: 'text/javascript', body });
    });
    await page.goto('http://plusx.test/');
    const given = [program, JSON.stringify(QUESTIONS), JSON.stringify(weights)].join(', ');
    const said = await page.evaluate(`import('/${output[0].fileName}').then(({ answersOf }) => answersOf(${given}))`);
    expect(said).toEqual(expected.get(name));
  } finally {
    await browser.close();
  }
});
