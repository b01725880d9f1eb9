/** Loads a module of the user's own, in TypeScript or JavaScript: `import ... from 'plusx'` in it is this plusx. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What the module at an address exports. */
export async function importShared(url: string): Promise<unknown> {
  shareThisPackage();
  return withoutAdvice(() => import(/* webpackIgnore: true */ /* @vite-ignore */ url) as Promise<unknown>);
}

/** Node's advice on how packages declare their modules is for those who publish one. */
async function withoutAdvice<T>(work: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  const spoken = (warning: string | Error, ...rest: readonly unknown[]): void => {
    const told = `${warning} ${JSON.stringify(rest)}`;
    if (!/MODULE_TYPELESS_PACKAGE_JSON|Type Stripping/.test(told))
      Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  process.emitWarning = spoken;
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

let shares = false;

/** `plusx` and its entries are this very package for what is loaded, wherever the file lies: models and techniques fit together. */
function shareThisPackage(): void {
  if (shares) return;
  shares = true;
  const [, ending = 'js'] = /\.(ts|js)$/.exec(import.meta.url) ?? [];
  registerHooks({
    resolve(specifier, context, next) {
      const [all, entry] = /^plusx(?:\/(\w+))?$/.exec(specifier) ?? [];
      if (all === undefined) return next(specifier, context);
      const file = entry === undefined ? 'index' : ALONE.has(entry) ? entry : `${entry}/index`;
      return next(new URL(`../${file}.${ending}`, import.meta.url).href, context);
    },
    // `npm init` says of its folder that files there are CommonJS; one that imports or exports is a module all the same.
    load(url, context, next) {
      const isOwn = context.format === 'commonjs-typescript' && !url.includes('/node_modules/');
      return next(url, isOwn && isModule(url) ? { ...context, format: 'module-typescript' } : context);
    },
  });
}

function isModule(url: string): boolean {
  return /^(?:import|export)\b/m.test(readFileSync(fileURLToPath(url), 'utf8'));
}

/** Entries that are one file. */
const ALONE: ReadonlySet<string> = new Set(['catalog', 'laws']);
