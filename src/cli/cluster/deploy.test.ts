/** What the files of `deploy` say must be so here: verbs, options, metrics, paths, and names that stand in several of them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handler, prometheus } from '../../serve/index.ts';
import { tiny } from '../../models/tiny/index.ts';
import { inTerminal } from '../test-support/in-process.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
const files = globSync('**/*.yaml', { cwd: DEPLOY }).toSorted();
const texts = new Map(files.map((file) => [file, readFileSync(join(DEPLOY, file), 'utf8')]));
const everything = [...texts.values()].join('\n');

/** Argument lists, in brackets or a line each, that begin with a verb. */
const commands = [...texts].flatMap(([file, text]) =>
  [...text.matchAll(/(?:args|command):(?: \[(.*)\]|\s*\n((?:\s+- .*\n)+))/g)]
    .map(([, inline, lines = '']) => inline?.split(', ') ?? lines.trim().split(/\s*- /).slice(1))
    .map((words) => words.map((word) => word.trim().replace(/^'(.*)'$/, '$1')))
    .filter(([verb = '']) => /^(?:serve|worker|eval)$/.test(verb))
    .map((words) => ({ file, words })),
);
/** What comments tell the reader to type. */
const typed = [...everything.matchAll(/(?:plusx|--rm serve) (keys add .*)/g)].map(([, line = '']) => ({
  file: 'a comment',
  words: line.split(' '),
}));

describe('what is deployed', () => {
  it('runs a server, workers and an evaluation', () => {
    expect(commands.map(({ file, words }) => `${file} ${words[0]}`)).toEqual([
      'compose.yaml serve',
      'compose.yaml worker',
      'kubernetes/eval.yaml eval',
      'kubernetes/serve.yaml serve',
      'kubernetes/worker.yaml worker',
    ]);
    expect(typed.length).toBeGreaterThanOrEqual(3);
  });

  it.each([...commands, ...typed])('$file: $words', async ({ words }) => {
    const verb = words.slice(0, words[0] === 'keys' ? 2 : 1);
    const { out } = await inTerminal([...verb, '--help']);
    for (const word of words.filter((one) => one.startsWith('--')))
      expect(out).toMatch(new RegExp(`${word.replace(/=.*/, '')}\\b`));
    const store = words[words.indexOf('--store') + 1] ?? '';
    expect(words.find((word) => word.startsWith('--store='))?.slice('--store='.length) ?? store).toBe(
      'postgres://plusx@postgres/plusx',
    );
  });

  it('asks for paths and a metric that a server has', async () => {
    const answer = handler({ models: {}, model: () => tiny(), metrics: await prometheus() });
    const paths = [...everything.matchAll(/path: (\/\S+),/g)].map(([, path = '']) => path);
    expect(new Set(paths)).toEqual(new Set(['/healthz', '/readyz']));
    for (const path of paths) expect((await answer(new Request(`http://127.0.0.1${path}`))).status).toBe(200);
    const metrics = await (await answer(new Request('http://127.0.0.1/metrics'))).text();
    const named = new Set(everything.match(/\bplusx_\w+/g));
    expect(named.size).toBeGreaterThan(0);
    for (const name of named) expect(metrics).toContain(`# TYPE ${name} gauge`);
  });

  it('applies all but the secret and the evaluation, which are made by hand', () => {
    const resources = /resources: \[(.*)\]/.exec(texts.get('kubernetes/kustomization.yaml') ?? '')?.[1]?.split(', ');
    const byHand = ['kustomization.yaml', 'secret.yaml', 'eval.yaml'];
    expect(resources?.concat(byHand).toSorted()).toEqual(
      files.filter((file) => file.startsWith('kubernetes/')).map((file) => file.slice('kubernetes/'.length)),
    );
  });

  it('lets every pod out through a policy', () => {
    const policy = /key: app, operator: In, values: \[(.*?)\]/.exec(texts.get('kubernetes/network.yaml') ?? '')?.[1];
    const pods = new Set([...everything.matchAll(/labels: \{ app: (\S+) \}/g)].map(([, app]) => app));
    expect(new Set(policy?.split(', '))).toEqual(pods);
  });
});
