import { execFile } from 'node:child_process';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CONFIG_BYTES } from '../core/bounds.ts';
import { folder } from '../cli/test-support/folder.ts';
import { loadConfig } from './load.ts';
import { withDotenv } from './variables.ts';

describe('a configuration file', () => {
  it('is found from the current folder upwards, the nearest first, and paths in it are of its folder', async () => {
    await using at = await folder();
    const file = await at.write(
      'plusx.config.json',
      `\uFEFF${JSON.stringify({
        defaults: { store: 'calls.db', memory: '/elsewhere/m.db' },
        prices: 'prices.json',
        tasks: { a: 'questions.jsonl', b: { file: 'gsm8k:data/x.jsonl' }, c: 'arithmetic', d: 'tiny:steps' },
      })}`,
    );
    const inner = join(at.path, 'a/b');
    await mkdir(inner, { recursive: true });
    const loaded = await loadConfig({ folder: inner });
    expect(loaded).toEqual({
      file,
      folder: at.path,
      config: {
        defaults: { store: join(at.path, 'calls.db'), memory: '/elsewhere/m.db' },
        prices: [join(at.path, 'prices.json')],
        tasks: {
          a: join(at.path, 'questions.jsonl'),
          b: { file: `gsm8k:${join(at.path, 'data/x.jsonl')}` },
          c: 'arithmetic',
          d: 'tiny:steps',
        },
      },
    });
    await writeFile(join(at.path, 'a/plusx.config.json'), '{}');
    expect((await loadConfig({ folder: inner }))?.folder).toBe(join(at.path, 'a'));
    expect((await loadConfig({ folder: inner, file: '../../plusx.config.json' }))?.file).toBe(file);
  });

  it('may name stores on a server, which are in no folder', async () => {
    await using at = await folder();
    const defaults = { store: 'postgres://mia@db/x', memory: 'postgresql://mia@db/x?schema=notes' };
    await at.write('plusx.config.json', JSON.stringify({ defaults, serve: { store: 'postgres://mia@db/y' } }));
    const loaded = await loadConfig({ folder: at.path });
    expect(loaded?.config).toEqual({ defaults, serve: { store: 'postgres://mia@db/y' } });
  });

  it('in TypeScript is run by Node, and again where it changed', async () => {
    await using at = await folder();
    // It need not be installed where the configuration is.
    await at.write(
      'plusx.config.ts',
      `import { defineConfig } from 'plusx/config';
       const n: number = 5;
       export default defineConfig({ models: { a: 'b + reRead' + n } });`,
    );
    await at.write('enum.ts', 'enum E { A }\nexport default { models: { a: E.A } };\n');
    await at.write('absent.ts', "import 'not-there';\nexport default {};\n");
    const program = await at.write(
      'program.mjs',
      `import { loadConfig } from ${JSON.stringify(import.meta.resolve('./load.ts'))};
       import { writeFile, utimes } from 'node:fs/promises';
       const models = async () => (await loadConfig({ folder: '.' })).config.models.a;
       const why = (file) => loadConfig({ file }).then(() => 'accepted', (error) => error.message);
       const told = [await models()];
       await writeFile('plusx.config.ts', 'export default { models: { a: "changed" } };');
       await utimes('plusx.config.ts', 1, 1);
       told.push(await models(), await why('enum.ts'), await why('absent.ts'));
       console.log(JSON.stringify(told));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: at.path });
    const [first, second, enumerated, absent] = JSON.parse(stdout) as string[];
    expect([first, second]).toEqual(['b + reRead5', 'changed']);
    expect(enumerated).toMatch(/enum\.ts: cannot be loaded: .*\. Node runs TypeScript whose types can be left out/);
    expect(absent).toMatch(
      /absent\.ts: cannot be loaded: Cannot find package 'not-there'.*\. Install what it imports in its folder/,
    );
  });

  it('is refused where it is not one, with the reason', async () => {
    await using at = await folder();
    const refused = async (name: string, text: string): Promise<string> => {
      const file = await at.write(name, text);
      const error = await loadConfig({ file }).then(
        () => new Error('accepted'),
        (error: Error) => error,
      );
      return error.message.replace(at.path, '.');
    };
    expect(await refused('a.json', '{"models": }')).toMatch(/^\.\/a\.json: is no JSON: /);
    expect(await refused('k.json', '{"apiKey": "sk-proj-0123456789abcdef", }')).not.toContain('0123456789');
    expect(await refused('b.json', ' '.repeat(CONFIG_BYTES + 1))).toBe(
      `./b.json: is larger than ${CONFIG_BYTES} bytes`,
    );
    expect(await refused('c.json', '{"imports": ["./x.ts"]}')).toMatch(/#\/imports: cannot be written in JSON/);
    expect(await refused('a.ts', 'export const x = 1;')).toMatch(/has no default export\. Write `export default/);
    expect(await refused('b.ts', 'throw new Error("the key is sk-proj-0123456789abcdef");')).toMatch(
      /cannot be loaded: the key is \[key\]/,
    );
    expect(await refused('c.ts', 'export default { modles: {} };')).toContain('./c.ts#/modles: is no name');
    await writeFile(join(at.path, 'd.json'), new Uint8Array([0x7b, 0xff, 0x7d]));
    await expect(loadConfig({ folder: at.path, file: 'd.json' })).rejects.toThrow('is no UTF-8 text');
    await expect(loadConfig({ folder: at.path, file: 'none.json' })).rejects.toThrow('none.json: no such file');
    await expect(loadConfig({ folder: at.path, file: 'none.ts' })).rejects.toThrow('none.ts: no such file');
    await mkdir(join(at.path, 'e.json'));
    await expect(loadConfig({ folder: at.path, file: 'e.json' })).rejects.toThrow('is a folder');
  });

  it('has no second one beside it', async () => {
    await using at = await folder();
    await at.write('plusx.config.json', '{}');
    await at.write('plusx.config.ts', 'export default {};');
    await expect(loadConfig({ folder: at.path })).rejects.toThrow('only one of them can hold');
  });

  it.skipIf(process.getuid?.() !== 0)('of another user is not read unasked (needs the superuser)', async () => {
    await using at = await folder();
    const file = await at.write('plusx.config.json', '{}');
    const inner = join(at.path, 'inner');
    await mkdir(inner);
    await chown(file, 12_345, 12_345);
    await expect(loadConfig({ folder: inner })).rejects.toThrow('belongs to another user');
    await expect(loadConfig({ folder: inner, file })).resolves.toBeDefined();
    await chown(inner, 12_345, 12_345); // a folder that a container was given, with all that is in it
    await expect(loadConfig({ folder: inner })).resolves.toBeDefined();
  });
});

describe('.env', () => {
  const DOTENV = [
    'OPENAI_API_KEY=from-file',
    'OPENAI_BASE_URL=https://gateway.invalid/v1',
    'GROQ_BASE_URL=https://evil.invalid/v1',
    'PATH=/evil',
    'NODE_OPTIONS=--require /evil.js',
    'LD_PRELOAD=/evil.so',
    'PLUSX_DEBUG=1',
    'HOUSE_KEY="of the house"',
    'OTHER=1',
    '__proto__=1',
    'TOGETHER_API_KEY=',
    'ANTHROPIC_API_KEY=an-key',
    'ANTHROPIC_BASE_URL=https://evil.invalid',
    'AWS_REGION=mars',
  ].join('\n');

  it('gives the variables that a provider or the configuration names, and no others', async () => {
    await using at = await folder();
    await at.write('.env', DOTENV);
    const config = { providers: { house: { baseURL: 'http://h/v1', key: { env: 'HOUSE_KEY' } } } };
    const { env, taken } = await withDotenv({ PATH: '/bin' }, at.path, config);
    expect(env).toEqual({
      PATH: '/bin',
      OPENAI_API_KEY: 'from-file',
      OPENAI_BASE_URL: 'https://gateway.invalid/v1',
      GROQ_BASE_URL: 'https://evil.invalid/v1',
      HOUSE_KEY: 'of the house',
      ANTHROPIC_API_KEY: 'an-key',
      ANTHROPIC_BASE_URL: 'https://evil.invalid',
      AWS_REGION: 'mars',
    });
    expect(taken).toHaveLength(7);
    expect((await withDotenv({}, at.path)).env).not.toHaveProperty('HOUSE_KEY');
  });

  it('never wins over the environment, and never sends a key of the environment elsewhere', async () => {
    await using at = await folder();
    await at.write('.env', DOTENV);
    const real = { OPENAI_API_KEY: 'real', GROQ_API_KEY: 'real too', ANTHROPIC_API_KEY: 'real', AWS_REGION: 'venus' };
    const { env, left } = await withDotenv(real, at.path);
    expect(env).toEqual(real);
    expect(left.map(({ name }) => name).toSorted()).toEqual(['ANTHROPIC_BASE_URL', 'GROQ_BASE_URL', 'OPENAI_BASE_URL']);
  });

  it('need not be there, and must be a text of a size', async () => {
    await using at = await folder();
    const before = { A: '1' };
    expect((await withDotenv(before, at.path)).env).toEqual(before);
    await at.write('.env', 'A'.repeat(262_145));
    const unread = async (): Promise<string | undefined> => {
      const { env, left } = await withDotenv(before, at.path);
      expect(env).toEqual(before);
      return left[0]?.why;
    };
    expect(await unread()).toContain('is larger than 262144 bytes');
    await writeFile(join(at.path, '.env'), new Uint8Array([0xff, 0xfe]));
    expect(await unread()).toContain('is no UTF-8 text');
    await rm(join(at.path, '.env'));
    await mkdir(join(at.path, '.env')); // of Python's, often
    expect(await unread()).toBeUndefined();
  });
});
