/** What was asked and said in one step. Texts come when they are looked at. */
import type { Step } from '../../../../src/studio/traces/protocol.ts';
import { money, whole } from '../../look/numbers.ts';
import { Said } from '../../look/said.tsx';
import { get } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { href } from '../../shell/route.ts';
import { writeTurns } from '../../../../src/studio/play/turns.ts';

export function OneStep({ id, step }: { readonly id: string; readonly step: number }) {
  const { value, error } = useLoaded(`${id} ${step}`, (signal) =>
    get<Step>(`traces/${encodeURIComponent(id)}/${step}`, signal),
  );
  return (
    <section class="card stack one-step" aria-label="The chosen step">
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {value && <Shown step={value} />}
    </section>
  );
}

function Shown({ step }: { readonly step: Step }) {
  const { name, kind, status, start, end, usage, facts, prompt, texts, more, again, path } = step;
  const tokens =
    usage?.inputTokens === undefined || usage.outputTokens === undefined
      ? 'tokens unknown'
      : `${whole(usage.inputTokens)} tokens in, ${whole(usage.outputTokens)} out`;
  return (
    <>
      <h2 class="written code">{name || 'The whole run'}</h2>
      <p class="small number">
        {[
          kind,
          status,
          end === undefined ? 'not ended' : `${(end - start).toFixed(1)} ms, begun at ${start.toFixed(1)} ms`,
          ...(usage
            ? [
                `${whole(usage.calls)} ${usage.calls === 1 ? 'call' : 'calls'}`,
                usage.replays > 0 ? `${whole(usage.replays)} from the journal` : 'none from the journal',
                usage.unreported > 0 ? `${whole(usage.unreported)} unreported` : '',
                tokens,
                usage.usd === undefined ? 'price unknown' : money(usage.usd),
              ]
            : []),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {facts.length > 0 && (
        <dl class="facts small">
          {facts.map(([key, value]) => (
            <div key={key}>
              <dt class="quiet">{key}</dt>
              <dd class="written">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {again && (
        <p>
          <a href={href('play', [], { x: again.formula, m: writeTurns(again.turns), q: again.question })}>
            {again.isAll ? 'Open in the playground as it was' : 'Open its question in the playground'}
          </a>
          {!again.isAll && (
            <span class="small quiet"> The playground asks it alone, without what stood before and after it.</span>
          )}
        </p>
      )}
      {prompt.length > 0 && (
        <div class="stack">
          <h3>Asked</h3>
          {prompt.map(({ role, text }, i) => (
            <div key={i}>
              <span class="small quiet">{role}</span>
              <Said text={text} />
            </div>
          ))}
        </div>
      )}
      {texts.length > 0 ? (
        <div class="stack">
          <h3>{texts.length + more > 1 ? `Said, ${whole(texts.length + more)} candidates` : 'Said'}</h3>
          {texts.map((text, i) => (
            <Said key={i} text={text} />
          ))}
          {more > 0 && <p class="small quiet">{whole(more)} more</p>}
        </div>
      ) : (
        <p class="small quiet">No text of this step is kept. `plusx serve --keep-texts` keeps them.</p>
      )}
      <p class="small quiet written">{path}</p>
    </>
  );
}
