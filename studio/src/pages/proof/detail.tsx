/** One technique: what it does, its laws, and the law that is looked at with all that can be changed of it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { go, href, route } from '../../shell/route.ts';
import { checked } from './desk.ts';
import { Fields, REFUSAL } from './fields.tsx';
import { linkOf, valuesIn } from './link.ts';
import type { Checked, Refused, Sheet, Values } from './protocol.ts';
import { Result } from './result.tsx';
import { keyOf, verdicts } from './state.ts';
import { ROOMS } from './words.ts';

/** A reader is still typing. */
const PAUSE_MS = 150;

export function Detail({ sheet }: { readonly sheet: Sheet }) {
  const { technique, laws } = sheet;
  const index = Math.min(Number(route.value.query.get('law') ?? firstOf(sheet)) || 0, laws.length - 1);
  return (
    <article class="stack proof-detail" aria-labelledby="proof-technique">
      <a class="proof-back" href={href('proof')}>
        All techniques
      </a>
      <header class="stack">
        <h2 id="proof-technique">
          <code>{technique}</code>
        </h2>
        <p class="small quiet">
          {ROOMS[sheet.room] ?? sheet.room}
          {sheet.paper && ` · ${sheet.paper}`}
        </p>
        <p>{capital(sheet.summary)}.</p>
      </header>
      <label>
        <span class="name">
          Law {index + 1} of {laws.length}
        </span>
        <select
          value={String(index)}
          onChange={({ currentTarget }) =>
            go(href('proof', [technique], { law: currentTarget.value }), { replace: true })
          }
        >
          {laws.map(({ law, holds, parameters }, i) => (
            <option key={law} value={String(i)}>
              {holds ? law : `no law: ${law}`}
              {parameters.length > 0 ? ' · yours to change' : ''}
            </option>
          ))}
        </select>
      </label>
      <Law key={`${technique} ${index}`} sheet={sheet} index={index} />
    </article>
  );
}

/** The first law that shows something: one that can be changed, and that needs more than one draw. */
function firstOf({ laws }: Sheet): number {
  const open = laws.findIndex(({ parameters, values }) => parameters.length > 0 && values['n'] !== 1);
  return Math.max(0, open === -1 ? laws.findIndex(({ parameters }) => parameters.length > 0) : open);
}

function Law({ sheet: { technique, laws }, index }: { readonly sheet: Sheet; readonly index: number }) {
  const facts = laws[index];
  const linked = route.value.query.get('at');
  const told = useRef(linked);
  const [values, setValues] = useState<Values | undefined>(() => facts && valuesIn(linked, facts));
  const [result, setResult] = useState<Checked | Refused | undefined>(verdicts.value.get(keyOf(technique, index)));
  const [last, setLast] = useState<Checked | undefined>(undefined);
  const [isAt, setAt] = useState(false);
  useEffect(() => {
    // The link holds what is looked at.
    const keep = (): void => {
      const link = facts && linkOf(values, facts);
      if ((link ?? null) === told.current) return;
      told.current = link ?? null;
      go(href('proof', [technique], { law: String(index), at: link }), { replace: true });
    };
    const known = values ? undefined : verdicts.value.get(keyOf(technique, index));
    if (known) {
      keep();
      setResult(known);
      return undefined;
    }
    const controller = new AbortController();
    const look = async (): Promise<void> => {
      setAt(true);
      try {
        const next = await checked({ technique, index, values }, controller.signal);
        if (!values) verdicts.value = new Map(verdicts.value).set(keyOf(technique, index), next);
        setResult(next);
      } catch (error) {
        if (!controller.signal.aborted) setResult({ message: String(error), parameter: undefined });
      } finally {
        if (!controller.signal.aborted) setAt(false);
      }
    };
    const timer = setTimeout(() => (keep(), void look()), values ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [technique, index, values]);
  useEffect(() => {
    // Another link to the same law was followed.
    if (linked === told.current) return;
    told.current = linked;
    setValues(facts && valuesIn(linked, facts));
  }, [linked]);
  useEffect(() => {
    if (result && 'law' in result) setLast(result);
  }, [result]);
  const refused = result && 'message' in result ? result : undefined;
  const shown = result && 'law' in result ? result : last;
  const same = useMemo(() => laws.filter(({ parameters }) => parameters.length > 0).length, [laws]);
  if (!facts) return null;
  return (
    <section class="proof-law" aria-label={facts.law}>
      {facts.parameters.length > 0 ? (
        <form class="card stack" onSubmit={(event) => event.preventDefault()}>
          <div class="row proof-between">
            <h3>Yours to change</h3>
            <button type="button" class="quiet" disabled={!values} onClick={() => setValues(undefined)}>
              As it was
            </button>
          </div>
          <Fields parameters={facts.parameters} values={values ?? facts.values} refused={refused} change={setValues} />
        </form>
      ) : (
        <p class="card small quiet">
          This law is about models of its own.{' '}
          {same > 0 ? 'Choose a law that says “yours to change” to change the numbers and the model.' : ''}
        </p>
      )}
      <div class="stack" aria-live="polite" aria-busy={isAt}>
        <h3 class="proof-law-name">
          <span class="written">{shown?.law ?? facts.law}</span>
        </h3>
        {shown?.aim && (
          <p class="proof-formula">
            <code class="written">{shown.aim.target}</code>
            <span class="small quiet">
              {shown.aim.kind}: {shown.aim.why}
            </span>
          </p>
        )}
        {refused && (
          <p class="error" id={REFUSAL}>
            {capital(refused.message)}
          </p>
        )}
        {shown ? (
          <Result checked={shown} isOld={isAt || refused !== undefined} />
        ) : (
          <p class="quiet">Visiting every path</p>
        )}
      </div>
    </section>
  );
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
