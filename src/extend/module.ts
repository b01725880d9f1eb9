/** Loads a module of the user's own, in TypeScript or JavaScript: `import ... from 'plusx'` in it is this plusx. */
import { registerHooks } from 'node:module';

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
  });
}

/** Entries that are one file. */
const ALONE: ReadonlySet<string> = new Set(['catalog', 'laws']);
