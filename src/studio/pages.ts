/** The built pages, as files: hashed names, compressed twins, and a policy under which nothing but our own scripts runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'hono';
import { Refusal } from '../serve/failure.ts';

/** As built by `npm run build`, from the sources and from the package alike. */
const FOLDER = fileURLToPath(new URL('../../dist/studio/page/', import.meta.url));

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const TWINS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Answers GET below `path`. Only names that the folder lists are ever opened. */
export function pages(path: string): (call: Context) => Response {
  let names: ReadonlySet<string> | undefined;
  return (call) => {
    names ??= listed();
    const asked = call.req.path.slice(path.length).replace(/^\//, '');
    if (call.req.path === path) return call.redirect(`${path}/`, 308);
    const name = asked === '' ? 'index.html' : asked;
    if (!names.has(name))
      throw new Refusal(`There is no page ${asked.slice(0, 200)}.`, { status: 404, code: 'not_found' });
    const wanted = call.req.header('accept-encoding') ?? '';
    const [encoding, ending] = TWINS.find(([kind, end]) => wanted.includes(kind) && names?.has(name + end)) ?? [];
    return new Response(readFileSync(join(FOLDER, name + (ending ?? ''))), {
      headers: {
        ...HEADERS,
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'cache-control': name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        ...(encoding && { 'content-encoding': encoding }),
      },
    });
  };
}

function listed(): ReadonlySet<string> {
  try {
    return new Set(
      readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/')),
    );
  } catch {
    throw new Refusal('The pages of the studio are not built. Run `npm run build`.', {
      status: 503,
      code: 'not_built',
    });
  }
}
