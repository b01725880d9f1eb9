/** The frame around every page: where one can go, whether the server is there, the sheet of keys. */
import type { ComponentType } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { server } from './api.ts';
import { shortcuts, useShortcuts } from './keys.ts';
import { go, href, route } from './route.ts';
import { canSave, savePage } from './save.ts';
import { setTheme, theme, THEMES } from './theme.ts';

interface Page {
  readonly name: string;
  readonly title: string;
  /** Loaded when the page is first opened. */
  load(): Promise<ComponentType>;
}

const PAGES: readonly Page[] = [
  { name: 'play', title: 'Playground', load: async () => (await import('../pages/play/page.tsx')).Play },
  { name: 'runs', title: 'Runs', load: async () => (await import('../pages/runs/page.tsx')).Runs },
  { name: 'traces', title: 'Traces', load: async () => (await import('../pages/traces/page.tsx')).Traces },
  { name: 'memory', title: 'Memory', load: async () => (await import('../pages/memory/page.tsx')).Memory },
  { name: 'proof', title: 'Proof', load: async () => (await import('../pages/proof/page.tsx')).Proof },
];

export function App() {
  const { page } = route.value;
  const sheet = useRef<HTMLDialogElement>(null);
  const own = useMemo(
    () => [
      { key: '?', does: 'Show the keys', run: () => sheet.current?.showModal() },
      ...PAGES.map(({ name, title }, i) => ({
        key: `${i + 1}`,
        does: `Open ${title.toLowerCase()}`,
        run: () => go(href(name)),
      })),
    ],
    [],
  );
  useShortcuts(own);
  const open = PAGES.find(({ name }) => name === page);
  useEffect(() => {
    document.title = open ? `${open.title} · plusx studio` : 'plusx studio';
    document.querySelector('.bar [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [open]);
  const [unsaved, setUnsaved] = useState<string | undefined>(undefined);
  const save = (): void => {
    setUnsaved(undefined);
    savePage().catch((error: unknown) => setUnsaved(error instanceof Error ? error.message : String(error)));
  };
  return (
    <>
      <a class="skip" href="#main" onClick={toMain}>
        To the page
      </a>
      <header class="bar">
        <a class="brand" href={href('play')}>
          P<sub>lm+X</sub>
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ name, title }) => (
            <a key={name} href={href(name)} aria-current={name === page ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <div class="aside">
          <label class="choice">
            <span class="unseen">Light or dark</span>
            <select value={theme.value} onChange={({ currentTarget }) => setTheme(currentTarget.value)}>
              {THEMES.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          {canSave && (
            <button type="button" class="quiet" title="Save this page as one file" onClick={save}>
              Save
            </button>
          )}
          <button type="button" class="quiet" aria-label="Keys" onClick={() => sheet.current?.showModal()}>
            ?
          </button>
        </div>
      </header>
      <p class="lost" role="status" hidden={server.value === 'there'}>
        {server.value === 'lost' && 'The server does not answer. This page goes on by itself once it is back.'}
      </p>
      <p class="unsaved" role="alert" hidden={unsaved === undefined}>
        {unsaved !== undefined && `The page was not saved. ${unsaved}`}
      </p>
      <main id="main" tabIndex={-1}>
        {open ? <Loaded key={open.name} page={open} /> : <NoPage />}
      </main>
      <dialog ref={sheet} class="sheet" aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          {shortcuts.value.map(({ key, does }) => (
            <div key={key}>
              <dt>
                <kbd>{key.replace('Mod+', 'Ctrl ')}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}

function Loaded({ page }: { readonly page: Page }) {
  const [Shown, setShown] = useState<ComponentType | undefined>();
  const [error, setError] = useState<string | undefined>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let isHere = true;
    page.load().then(
      (component) => isHere && setShown(() => component),
      () => isHere && setError('This page did not load. Is the server still running?'),
    );
    return () => {
      isHere = false;
    };
  }, [page, tries]);
  if (Shown) return <Shown />;
  if (error !== undefined)
    return (
      <div class="empty" role="alert">
        <p>{error}</p>
        <button
          type="button"
          onClick={() => {
            setError(undefined);
            setTries(tries + 1);
          }}
        >
          Try again
        </button>
      </div>
    );
  return (
    <p class="empty" role="status">
      Loading
    </p>
  );
}

function NoPage() {
  return (
    <div class="empty">
      <h1>There is no such page</h1>
      <p>
        Go to the <a href={href('play')}>playground</a>.
      </p>
    </div>
  );
}

function toMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}
