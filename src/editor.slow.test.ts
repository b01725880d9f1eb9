/** What an editor shows of an option: asked of the compiler's own language server, over the built package. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'plusx-editor-'));
const file = join(folder, 'use.ts');
const SOURCE = `import { bestOfN, cascade, selfConsistency } from 'plusx';
bestOfN({ n: 8, score: () => 1 });
selfConsistency({ window: 3 });
cascade([], { threshold: 0.5 });
bestOfN({ m: 3 });
`;

mkdirSync(join(folder, 'node_modules'));
symlinkSync(ROOT, join(folder, 'node_modules/plusx'));
writeFileSync(file, SOURCE);
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({ compilerOptions: { module: 'nodenext', strict: true, noEmit: true, lib: ['es2024', 'dom'] } }),
);
const server = spawn(join(ROOT, 'node_modules/.bin/tsc'), ['--lsp', '--stdio'], { cwd: folder, stdio: 'pipe' });
afterAll(() => {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
});

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
}
const waiting = new Map<number, (result: unknown) => void>();
let rest = Buffer.alloc(0);
const send = (message: object): void => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
};
server.stdout.on('data', (chunk: Buffer) => {
  rest = Buffer.concat([rest, chunk]);
  for (;;) {
    const head = rest.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, Math.max(0, head)).toString())?.[1]);
    if (head === -1 || rest.length < head + 4 + length) return;
    const message = JSON.parse(rest.subarray(head + 4, head + 4 + length).toString()) as Message;
    rest = rest.subarray(head + 4 + length);
    if (message.id !== undefined && message.method !== undefined) send({ id: message.id, result: null });
    else if (message.id !== undefined) waiting.get(message.id)?.(message.result);
  }
});
let last = 0;
const request = (method: string, params: object): Promise<unknown> =>
  new Promise((resolve) => {
    const id = ++last;
    waiting.set(id, resolve);
    send({ id, method, params });
  });

await request('initialize', {
  processId: null,
  rootUri: pathToFileURL(folder).href,
  capabilities: { textDocument: { hover: { contentFormat: ['plaintext'] } } },
});
send({ method: 'initialized', params: {} });
const uri = pathToFileURL(file).href;
send({
  method: 'textDocument/didOpen',
  params: { textDocument: { uri, languageId: 'typescript', version: 1, text: SOURCE } },
});

/** What is shown at the first place where `text` stands. */
async function shown(text: string): Promise<string> {
  const before = SOURCE.slice(0, SOURCE.indexOf(text)).split('\n');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return JSON.stringify(await request('textDocument/hover', { textDocument: { uri }, position }));
}

it.each([
  ['n: 8', ['n?: number', 'Candidates drawn.', 'At least 1.', 'Default 4.']],
  ['score: ()', ['Higher is better', 'Required.']],
  ['window: 3', ['Votes that must agree', 'At least 2.', 'Default 5.']],
  ['threshold: 0.5', ['threshold?: number', 'Default']],
])('an option says what it means, its range and its default: %s', async (text, says) => {
  const hover = (await shown(text)).toLowerCase();
  for (const words of says) expect(hover).toContain(words.toLowerCase());
});

it('a wrong option is told with the name of the options type', async () => {
  const report = JSON.stringify(await request('textDocument/diagnostic', { textDocument: { uri } }));
  expect(report).toContain("'m' does not exist in type 'BestOfNOptions'");
  expect(report).not.toContain('OptionsIn');
});
