/** Text as it comes about, token by token: what may be shown already, and where a stop sequence ends it. */
import type { Tokenizer } from './tokenizer.ts';

export interface Writer {
  /** The text so far, without a stop sequence and what follows it. */
  readonly text: string;
  /** Whether a stop sequence has come. */
  readonly stopped: boolean;
  /** Takes a token and returns the text it adds: none while a letter is not whole. */
  push(token: number): string;
  /** Text that no stop sequence can take back any more and that was not shown before. */
  show(): string;
  /** Ends the text: a letter that was not completed becomes U+FFFD. Returns what that adds. */
  close(): string;
}

/** @param given text that is there already; stop sequences are looked for behind it. */
export function createWriter(tokenizer: Tokenizer, stop: readonly string[], given = 0): Writer {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const longest = Math.max(0, ...stop.map((sequence) => sequence.length));
  let text = '';
  let shown = 0;
  let stopped = false;
  let closed = false;

  const add = (more: string): string => {
    const before = text.length;
    text += more;
    const from = Math.max(given, before - longest + 1, 0);
    const places = stop.map((sequence) => text.indexOf(sequence, from)).filter((place) => place !== -1);
    if (places.length === 0) return more;
    stopped = true;
    text = text.slice(0, Math.min(...places));
    return text.slice(before);
  };
  /** Where the longest end of the text begins that may be the beginning of a stop sequence. */
  const doubtful = (): number => {
    for (let at = Math.max(given, text.length - longest + 1, 0); at < text.length; at++) {
      const end = text.slice(at);
      if (stop.some((sequence) => sequence.startsWith(end))) return at;
    }
    return text.length;
  };
  return {
    get text() {
      return text;
    },
    get stopped() {
      return stopped;
    },
    push: (token) => add(decoder.decode(tokenizer.bytes[token], { stream: true })),
    show() {
      const until = stopped || closed ? text.length : doubtful();
      const part = text.slice(shown, until);
      shown = Math.max(shown, until);
      return part;
    },
    close() {
      closed = true;
      return stopped ? '' : add(decoder.decode());
    },
  };
}
