/** The keys of the keyboard that do something, for the sheet behind `?`. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export interface Shortcut {
  /** As `KeyboardEvent.key` says it, with `Mod+` for Ctrl or Command. */
  readonly key: string;
  /** What it does, in words. */
  readonly does: string;
  run(): void;
}

export const shortcuts = signal<readonly Shortcut[]>([]);

/** Listens while the component is shown. Single letters do nothing while text is written. */
export function useShortcuts(own: readonly Shortcut[]): void {
  useEffect(() => {
    shortcuts.value = [...shortcuts.value, ...own];
    return () => {
      shortcuts.value = shortcuts.value.filter((one) => !own.includes(one));
    };
  }, [own]);
}

addEventListener('keydown', (event) => {
  const isMod = event.ctrlKey || event.metaKey;
  const name = `${isMod ? 'Mod+' : ''}${event.key}`;
  if (event.altKey || (!isMod && (isText(event.target) || document.querySelector('dialog[open]')))) return;
  const found = shortcuts.value.findLast(({ key }) => key === name);
  if (!found) return;
  event.preventDefault();
  found.run();
});

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
