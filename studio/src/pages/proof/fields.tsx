/** What a reader may change of a law: numbers, choices, and models and scores as tables. */
import type { ComponentChildren } from 'preact';
import type { ParameterFacts, Values } from './protocol.ts';
import { visible } from './words.ts';

interface Props {
  readonly parameters: readonly ParameterFacts[];
  readonly values: Values;
  /** The parameter that is wrong, and why. */
  readonly refused: { readonly message: string; readonly parameter: string | undefined } | undefined;
  change(values: Values): void;
}

type Numbers = { readonly [text: string]: number };
type Several = { readonly [given: string]: Numbers };

export function Fields({ parameters, values, refused, change }: Props) {
  const wrong = refused?.parameter;
  // Scores stand beside the answers of the one model that they are of.
  const model = parameters.filter(({ kind }) => kind === 'table');
  const beside = model.length === 1 ? parameters.find(({ kind }) => kind === 'scores') : undefined;
  return (
    <div class="proof-fields">
      {parameters
        .filter((one) => one !== beside)
        .map((one) => {
          const set = (value: unknown): void => change({ ...values, [one.name]: value });
          const isWrong = wrong === one.name || (one === model[0] && wrong !== undefined && wrong === beside?.name);
          const shared = { facts: one, value: values[one.name], set, isWrong };
          switch (one.kind) {
            case 'integer':
            case 'number':
              return <NumberField key={one.name} {...shared} />;
            case 'numbers':
              return <NumbersField key={one.name} {...shared} />;
            case 'one-of':
              return <ChoiceField key={one.name} {...shared} />;
            case 'weights-after':
              return <SeveralField key={one.name} {...shared} />;
            default:
              return (
                <TableField
                  key={one.name}
                  {...shared}
                  scores={one === model[0] && beside ? { facts: beside, values, change } : undefined}
                />
              );
          }
        })}
    </div>
  );
}

interface FieldProps {
  readonly facts: ParameterFacts;
  readonly value: unknown;
  readonly isWrong: boolean;
  set(value: unknown): void;
}

/** Who reads the refusal finds it by this name. */
export const REFUSAL = 'proof-refusal';
const told = (isWrong: boolean) => ({
  'aria-invalid': isWrong,
  ...(isWrong && { 'aria-describedby': REFUSAL }),
});

function Named({ facts, children }: { readonly facts: ParameterFacts; readonly children: ComponentChildren }) {
  return (
    <label class="proof-field">
      <span class="name">
        <code>{facts.name}</code> {facts.doc}
      </span>
      {children}
    </label>
  );
}

function NumberField({ facts, value, isWrong, set }: FieldProps) {
  return (
    <Named facts={facts}>
      <input
        type="number"
        step={facts.kind === 'integer' ? 1 : 'any'}
        min={facts.min}
        max={facts.max}
        value={typeof value === 'number' && !Number.isNaN(value) ? value : ''}
        onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
        {...told(isWrong)}
      />
    </Named>
  );
}

function NumbersField({ facts, value, isWrong, set }: FieldProps) {
  return (
    <Named facts={facts}>
      <input
        value={Array.isArray(value) ? value.join(', ') : ''}
        onChange={({ currentTarget }) =>
          set(
            currentTarget.value
              .split(',')
              .filter((one) => one.trim() !== '')
              .map(Number),
          )
        }
        {...told(isWrong)}
      />
    </Named>
  );
}

function ChoiceField({ facts, value, isWrong, set }: FieldProps) {
  return (
    <Named facts={facts}>
      <select value={String(value)} onChange={({ currentTarget }) => set(currentTarget.value)} {...told(isWrong)}>
        {facts.values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </Named>
  );
}

interface Beside {
  readonly facts: ParameterFacts;
  readonly values: Values;
  change(values: Values): void;
}

function TableField({ facts, value, isWrong, set, scores }: FieldProps & { readonly scores: Beside | undefined }) {
  const numbers = numbersIn(value);
  const names = Object.keys(numbers);
  const isOpen = facts.kind === 'table';
  const least = facts.kind === 'scores' ? undefined : 0;
  const score = scores ? numbersIn(scores.values[scores.facts.name]) : {};
  const both = (weights: Numbers, others: Numbers): void =>
    scores ? scores.change({ ...scores.values, [facts.name]: weights, [scores.facts.name]: others }) : set(weights);
  return (
    <fieldset class="proof-field proof-table">
      <legend class="name">
        <code>{facts.name}</code> {facts.doc}
      </legend>
      <table>
        <thead>
          <tr>
            <th scope="col">answer</th>
            <th scope="col">{facts.kind === 'scores' ? 'score' : 'weight'}</th>
            {scores && <th scope="col">{scores.facts.name === 'rewards' ? 'reward' : 'score'}</th>}
            {isOpen && (
              <th scope="col">
                <span class="unseen">take away</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {names.map((name, i) => (
            <tr key={i}>
              <td>
                {isOpen ? (
                  <input
                    aria-label={`answer ${i + 1}`}
                    value={name}
                    onChange={({ currentTarget }) =>
                      both(renamed(numbers, name, currentTarget.value), renamed(score, name, currentTarget.value))
                    }
                  />
                ) : (
                  <span class="written">{visible(name)}</span>
                )}
              </td>
              <td>
                <NumberCell
                  name={`${facts.kind === 'scores' ? 'score' : 'weight'} of ${visible(name)}`}
                  value={numbers[name]}
                  least={least}
                  isWrong={isWrong}
                  set={(n) => both({ ...numbers, [name]: n ?? Number.NaN }, score)}
                />
              </td>
              {scores && (
                <td>
                  <NumberCell
                    name={`${scores.facts.name} of ${visible(name)}`}
                    value={score[name]}
                    least={undefined}
                    isWrong={false}
                    set={(n) => both(numbers, { ...without(score, name), ...(n !== undefined && { [name]: n }) })}
                  />
                </td>
              )}
              {isOpen && (
                <td>
                  <button
                    type="button"
                    class="quiet"
                    aria-label={`Take ${visible(name)} away`}
                    onClick={() => both(without(numbers, name), without(score, name))}
                  >
                    ×
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {isOpen && (
        <button type="button" class="quiet" onClick={() => both({ ...numbers, [fresh(names)]: 1 }, score)}>
          Add an answer
        </button>
      )}
    </fieldset>
  );
}

function SeveralField({ facts, value, isWrong, set }: FieldProps) {
  const several = isRecord(value) ? (value as Several) : {};
  return (
    <fieldset class="proof-field proof-several">
      <legend class="name">
        <code>{facts.name}</code> {facts.doc}
      </legend>
      <div class="wide">
        <table>
          <tbody>
            {Object.entries(several).map(([given, numbers]) => (
              <tr key={given}>
                <th scope="row" class="written">
                  {visible(given)}
                </th>
                <td>
                  <div class="proof-cells">
                    {Object.entries(numbers).map(([name, n]) => (
                      <label key={name}>
                        <span class="written small">{visible(name)}</span>
                        <NumberCell
                          name={`weight of ${visible(name)} after ${visible(given)}`}
                          value={n}
                          least={0}
                          isWrong={isWrong}
                          set={(next) => set({ ...several, [given]: { ...numbers, [name]: next ?? Number.NaN } })}
                        />
                      </label>
                    ))}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </fieldset>
  );
}

interface CellProps {
  readonly name: string;
  readonly value: number | undefined;
  readonly least: number | undefined;
  readonly isWrong: boolean;
  set(value: number | undefined): void;
}

function NumberCell({ name, value, least, isWrong, set }: CellProps) {
  return (
    <input
      type="number"
      step="any"
      min={least}
      aria-label={name}
      placeholder="none"
      value={value === undefined || Number.isNaN(value) ? '' : value}
      onInput={({ currentTarget }) =>
        set(Number.isNaN(currentTarget.valueAsNumber) ? undefined : currentTarget.valueAsNumber)
      }
      {...told(isWrong)}
    />
  );
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function numbersIn(value: unknown): Numbers {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, typeof one === 'number' ? one : Number.NaN]),
  );
}

function without(numbers: Numbers, name: string): Numbers {
  return Object.fromEntries(Object.entries(numbers).filter(([one]) => one !== name));
}

/** In its place; a name that is there already is left to whom it belongs. */
function renamed(numbers: Numbers, from: string, to: string): Numbers {
  if (Object.hasOwn(numbers, to)) return numbers;
  return Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name === from ? to : name, n]));
}

const fresh = (names: readonly string[]): string =>
  Array.from('abcdefghijklmnopqrstuvwxyz').find((name) => !names.includes(name)) ?? `answer ${names.length + 1}`;
