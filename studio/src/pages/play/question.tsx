/** The question: one's own, or an item of a task. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { TaskItem } from '../../../../src/studio/play/protocol.ts';
import { wordsOf } from '../../shell/words.ts';
import { runner } from './runner.ts';
import { expected, facts, question } from './state.ts';

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
