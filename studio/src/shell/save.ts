/** Saves the page that is open as one file that opens from disk. */
import { computed } from '@preact/signals';
import { forget, kept, saved } from './kept.ts';
import { route } from './route.ts';

const place = computed(() => [route.value.page, ...route.value.rest].join('/'));
// What another place showed is not saved with this one.
place.subscribe(forget);

/** Throws where the server is gone. */
export async function savePage(): Promise<void> {
  const response = await fetch('export.html');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const bare = saved(await response.text(), location.hash);
  // A saved playground goes on by itself, with the model in the box.
  const file = route.value.page === 'play' ? await (await import('../local/weights.ts')).withWeights(bare) : bare;
  const url = URL.createObjectURL(new Blob([file], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `plusx-${[route.value.page, ...route.value.rest].join('-').replaceAll(/[^\w-]+/g, '_')}.html`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A file is saved already. */
export const canSave = kept === undefined;
