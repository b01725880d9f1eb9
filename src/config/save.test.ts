import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder } from '../cli/test-support/folder.ts';
import { loadConfig } from './load.ts';
import { saveModel } from './save.ts';

it('a formula is kept under a name in a new file, and beside what an old one holds', async () => {
  await using at = await folder();
  const file = await saveModel('careful', 'plusx:tiny + reRead', { folder: at.path });
  expect(await readFile(file, 'utf8')).toBe('{\n  "models": {\n    "careful": "plusx:tiny + reRead"\n  }\n}\n');
  await at.write(
    'plusx.config.json',
    '\uFEFF{\n    "defaults": {"model": "careful"},\n    "models": {"careful": "plusx:tiny"}\n}',
  );
  const loaded = await loadConfig({ folder: at.path });
  expect(await saveModel('better', 'careful + selfRefine', { loaded, folder: at.path })).toBe(file);
  expect(await readFile(file, 'utf8')).toContain('\n    "defaults": {\n        "model": "careful"');
  expect((await loadConfig({ folder: at.path }))?.config.models).toEqual({
    careful: 'plusx:tiny',
    better: 'careful + selfRefine',
  });
  expect(await readdir(at.path)).toEqual(['plusx.config.json']);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
});

it('a name that is there is no other one afterwards', async () => {
  await using at = await folder();
  await at.write('plusx.config.json', '{"models": {"careful": "plusx:tiny"}}');
  const loaded = await loadConfig({ folder: at.path });
  await expect(saveModel('careful', 'plusx:tiny', { loaded })).resolves.toBeDefined();
  await expect(saveModel('careful', 'plusx:tiny + reRead', { loaded })).rejects.toThrow(
    /#\/models\/careful: is there already/,
  );
});

it.each(['reRead', 'a b', 'a/b', 'enumerable', ''])('%j is no name', async (name) => {
  await using at = await folder();
  await expect(saveModel(name, 'plusx:tiny', { folder: at.path })).rejects.toThrow(/#\/models/);
  expect(await readdir(at.path)).toEqual([]);
});

it('a program is not rewritten, and the line to add is told', async () => {
  await using at = await folder();
  const source = 'export default { models: {} };\n';
  const file = await at.write('plusx.config.ts', source);
  const loaded = await loadConfig({ folder: at.path });
  const saved = saveModel('my-model', 'plusx:tiny + paraphrase(n=3)', { loaded });
  await expect(saved).rejects.toThrow(
    'is a program, which is not rewritten. Add this line to its `models`: "my-model": "plusx:tiny + paraphrase(n=3)",',
  );
  expect(await readFile(file, 'utf8')).toBe(source);
});

it('a file that a formula names is found from the folder of the configuration', async () => {
  await using at = await folder();
  const file = await at.write('plusx.config.json', '{}');
  const inner = join(at.path, 'inner');
  await mkdir(inner);
  const loaded = await loadConfig({ folder: inner });
  await saveModel('drawn', 'pool:data/x.jsonl + reRead', { loaded, folder: inner });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    models: { drawn: `pool:${join(inner, 'data/x.jsonl')} + reRead` },
  });
});
