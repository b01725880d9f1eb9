/** What a page shows of its server, loaded again when it asks for something else, or at times. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { server } from './api.ts';
import { wordsOf } from './words.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  /** Why it is not there, in words. */
  readonly error: string | undefined;
  reload(): void;
}

/** `key` says what is loaded: another key loads anew. `everyMs` loads it again and again while the page is seen. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ readonly key: string; readonly value?: T; readonly error?: string }>({ key });
  const [turn, setTurn] = useState(0);
  const there = server.value === 'there';
  useEffect(() => {
    if (!there) return undefined;
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setState({ key, value }),
      (error: unknown) => {
        if (!controller.signal.aborted) setState({ key, error: wordsOf(error) });
      },
    );
    return () => controller.abort();
  }, [key, turn, there]);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setTurn((one) => one + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  const reload = useCallback(() => setTurn((one) => one + 1), []);
  const isOfKey = state.key === key;
  return { value: isOfKey ? state.value : undefined, error: isOfKey ? state.error : undefined, reload };
}
