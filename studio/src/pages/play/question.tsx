/** The question: one's own, or an item of a task. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { TaskItem } from '../../../../src/studio/play/protocol.ts';
import { wordsOf } from '../../shell/words.ts';
import { runner } from './runner.ts';
import { Said } from '../../look/said.tsx';
import { expected, facts, question, turns } from './state.ts';

export function Question() {
  const dialog = useRef<HTMLDialogElement>(null);
  const items = useSignal<readonly TaskItem[] | string>([]);
  const task = useSignal('');
  const load = (name: string): void => {
    task.value = name;
    items.value = [];
    if (name !== '')
      runner.items(name).then(
        (found) => (items.value = found),
        (error: unknown) => (items.value = wordsOf(error)),
      );
  };
  const take = (item: TaskItem): void => {
    question.value = item.question;
    turns.value = [];
    expected.value = item.expected;
    dialog.current?.close();
  };
  return (
    <div>
      <div class="row spread">
        <label class="name" for="question">
          Question
        </label>
        <button
          type="button"
          class="quiet small"
          onClick={() => {
            dialog.current?.showModal();
            if (task.value === '') load(facts.value?.tasks[0] ?? '');
          }}
        >
          From a task
        </button>
      </div>
      {turns.value.length > 0 && (
        <div class="card stack before" role="group" aria-label="Said before the question">
          <ol tabIndex={0} aria-label="Messages">
            {turns.value.map(({ role, text }, i) => (
              // oxlint-disable-next-line react/no-array-index-key -- turns have no other name, and none is put between them
              <li key={i}>
                <span class="small quiet">{role}</span>
                <Said text={text} />
              </li>
            ))}
          </ol>
          <button type="button" class="quiet small" onClick={() => (turns.value = [])}>
            Ask the question alone
          </button>
        </div>
      )}
      <textarea
        id="question"
        rows={3}
        placeholder="What is asked? Take one from a task if you have none."
        value={question.value}
        onInput={({ currentTarget }) => {
          question.value = currentTarget.value;
          expected.value = undefined;
        }}
      />
      {expected.value !== undefined && (
        <p class="small quiet">
          Right: <span class="written">{expected.value}</span>
        </p>
      )}
      <dialog ref={dialog} class="items" aria-label="Questions of a task">
        <div class="stack">
          <h2>Questions of a task</h2>
          <label>
            <span class="name">Task</span>
            <select value={task.value} onChange={({ currentTarget }) => load(currentTarget.value)}>
              {(facts.value?.tasks ?? []).map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {typeof items.value === 'string' ? (
            <p class="error" role="alert">
              {items.value}
            </p>
          ) : (
            <ul class="pick">
              {items.value.map((item) => (
                <li key={item.id}>
                  <button type="button" class="one-line" onClick={() => take(item)}>
                    {item.question}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <form method="dialog">
            <button type="submit">Close</button>
          </form>
        </div>
      </dialog>
    </div>
  );
}
