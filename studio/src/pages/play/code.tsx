/** The same as code: TypeScript, the command line, curl; and as a link. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { codeOf, LANGUAGES, type CodeLanguage } from '../../../../src/studio/play/code.ts';
import { first, link, question, seed, turns } from './state.ts';

export function Code() {
  const dialog = useRef<HTMLDialogElement>(null);
  const language = useSignal<CodeLanguage>('TypeScript');
  const said = useSignal('');
  const copy = async (text: string, what: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      said.value = `${what} is copied.`;
    } catch {
      said.value = 'The browser does not let this page copy. Select the text.';
    }
  };
  const asked = { question: question.value, turns: turns.value, formula: first.text.value, seed: seed.value };
  const code = codeOf(language.value, asked, location.origin);
  return (
    <>
      <button type="button" class="quiet" onClick={() => dialog.current?.showModal()}>
        As code or link
      </button>
      <dialog ref={dialog} class="stack wide-dialog" aria-label="As code or link">
        <h2>As code</h2>
        <div class="row" role="group" aria-label="Language">
          {LANGUAGES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === language.value}
              onClick={() => (language.value = one)}
            >
              {one}
            </button>
          ))}
        </div>
        <pre class="card written" tabIndex={0}>
          {code}
        </pre>
        <div class="row">
          <button type="button" class="main" onClick={() => void copy(code, 'The code')}>
            Copy
          </button>
          <button type="button" onClick={() => void copy(new URL(link.value, location.href).href, 'The link')}>
            Copy a link
          </button>
          <form method="dialog">
            <button type="submit">Close</button>
          </form>
        </div>
        <p class="small" role="status">
          {said.value}
        </p>
      </dialog>
    </>
  );
}
