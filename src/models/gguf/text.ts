/** Text as it grows token by token: what of it is certain, and where a stop sequence cuts it. */

/** A character that is not whole yet: its bytes come in several tokens. */
const PARTIAL = '\uFFFD';

export interface Written {
  /** The text without what may still change. */
  readonly safe: string;
  /** Set once a stop sequence stands in the text: the text before it. */
  readonly stopped: string | undefined;
}

export function written(text: string, stops: readonly string[]): Written {
  const at = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
  if (at.length > 0) {
    const cut = text.slice(0, Math.min(...at));
    return { safe: cut, stopped: cut };
  }
  let end = text.length;
  while (end > 0 && text[end - 1] === PARTIAL) end--;
  for (const stop of stops)
    for (let length = Math.min(stop.length - 1, text.length); length > 0; length--)
      if (text.endsWith(stop.slice(0, length))) {
        end = Math.min(end, text.length - length);
        break;
      }
  return { safe: text.slice(0, end), stopped: undefined };
}
