/** A button that does what cannot be undone: it asks once, and says what went wrong. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { wordsOf } from '../shell/words.ts';

export interface AskOnceProps {
  readonly label: string;
  /** What the dialog is called. Default: the label. */
  readonly title?: string;
  /** The question. */
  readonly heading: ComponentChildren;
  /** What becomes of it. */
  readonly words: string;
  /** What the buttons say. Default: `Delete` and `Keep it`. */
  readonly yes?: string;
  readonly no?: string;
  act(): Promise<void>;
}

export function AskOnce({ label, title = label, heading, words, yes = 'Delete', no = 'Keep it', act }: AskOnceProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const error = useSignal<string | undefined>(undefined);
  const really = async (): Promise<void> => {
    try {
      await act();
      dialog.current?.close();
    } catch (met) {
      error.value = wordsOf(met);
    }
  };
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <div class="stack">
          <h2>{heading}</h2>
          <p>{words}</p>
          {error.value !== undefined && (
            <p class="error" role="alert">
              {error.value}
            </p>
          )}
          <div class="row">
            <button type="button" class="danger" onClick={() => void really()}>
              {yes}
            </button>
            <form method="dialog">
              <button type="submit">{no}</button>
            </form>
          </div>
        </div>
      </dialog>
    </>
  );
}
