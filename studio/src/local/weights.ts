/** The weights of the embedded model: from the server, or from the file that the page is. */
import { bytes } from '../shell/api.ts';

/** Where a saved file keeps them, in base 64. */
const PLACE = 'plusx-weights';

let fetched: Promise<Uint8Array> | undefined;

export function weights(): Promise<Uint8Array> {
  const kept = document.getElementById(PLACE)?.textContent;
  if (kept) return Promise.resolve(Uint8Array.from(atob(kept), (char) => char.charCodeAt(0)));
  fetched ??= bytes('weights').catch((error: unknown) => {
    fetched = undefined; // It may be there the next time.
    throw error;
  });
  return fetched;
}

/** The file with the weights in it. */
export async function withWeights(file: string): Promise<string> {
  const empty = `id="${PLACE}"></`;
  const at = file.indexOf(empty);
  if (at < 0) throw new Error('The file has no place for the weights.');
  const base64 = await inBase64(await weights());
  return `${file.slice(0, at)}id="${PLACE}">${base64}</${file.slice(at + empty.length)}`;
}

function inBase64(all: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => {
      const { result } = reader;
      if (typeof result === 'string') resolve(result.slice(result.indexOf(',') + 1));
    });
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The weights cannot be read.')));
    reader.readAsDataURL(new Blob([all.slice()]));
  });
}
