/** What a page shows of its server, loaded again when it asks for something else, or at times. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Failed, server } from './api.ts';
import { wordsOf } from './words.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  /** Why it is not there, in words. */
  readonly error: string | undefined;
  reload(): void;
}

/** What is not there may come: a run that is just being begun, a trace of an answer that is being written. */
const MISSING_MS = 1500;

/**
 * `key` says what is loaded: another key loads anew. `everyMs` loads it again and again while the page is seen; so is what is not
 * there, until it is.
 */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{
    readonly key: string;
    readonly value?: T;
    readonly error?: string;
    readonly isMissing?: boolean;
  }>({
    key,
  });
  const [turn, setTurn] = useState(0);
  const there = server.value === 'there';
  useEffect(() => {
    if (!there) return undefined;
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setState({ key, value }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState({ key, error: wordsOf(error), isMissing: error instanceof Failed && error.status === 404 });
      },
    );
    return () => controller.abort();
  }, [key, turn, there]);
  const isOfKey = state.key === key;
  const againMs = everyMs ?? (isOfKey && state.isMissing ? MISSING_MS : undefined);
  useEffect(() => {
    if (againMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setTurn((one) => one + 1);
    }, againMs);
    return () => clearInterval(timer);
  }, [againMs]);
  const reload = useCallback(() => setTurn((one) => one + 1), []);
  return { value: isOfKey ? state.value : undefined, error: isOfKey ? state.error : undefined, reload };
}
