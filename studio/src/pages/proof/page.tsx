/** The laws of all techniques, checked in the page: every path through the code, beside the closed form. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { href, route } from '../../shell/route.ts';
import { Detail } from './detail.tsx';
import './proof.css';
import type { Sheet } from './protocol.ts';
import { checkAll, checking, count, load, sheets, standing, trouble } from './state.ts';
import { distanceText, ROOMS } from './words.ts';

export function Proof() {
  useEffect(() => void load(), []);
  const all = sheets.value;
  return (
    <div class="proof stack" data-open={route.value.rest.length > 0}>
      <header class="proof-head">
        <div class="stack">
          <h1>Proof</h1>
          <p class="quiet">
            What each technique does to a distribution, known twice: from every path through its code on a model small
            enough to visit all of it, and from a formula that was written without that code.
          </p>
        </div>
        {all && <CheckAll />}
      </header>
      {trouble.value !== undefined && (
        <div class="empty" role="alert">
          <p class="error">{trouble.value}</p>
          <button type="button" onClick={() => void load()}>
            Try again
          </button>
        </div>
      )}
      {all ? (
        <Sheets all={all} />
      ) : (
        trouble.value === undefined && (
          <p class="empty" role="status">
            Loading the laws
          </p>
        )
      )}
    </div>
  );
}

function CheckAll() {
  const { all, done, kept } = count.value;
  const run = checking.value;
  return (
    <div class="proof-all row" role="group" aria-label="All laws">
      <p class="number small" role="status" id="proof-count">
        {done === 0
          ? `${all} laws`
          : done < all
            ? `${done} of ${all} checked`
            : kept === all
              ? `All ${all} hold`
              : `${kept} of ${all} hold`}
      </p>
      {run ? (
        <>
          <progress max={all} value={done} aria-labelledby="proof-count" />
          <button type="button" onClick={() => run.abort(new Error('stopped'))}>
            Stop
          </button>
        </>
      ) : (
        done < all && (
          <button type="button" class="main" onClick={() => void checkAll()}>
            {done > 0 ? 'Check the others' : 'Check all'}
          </button>
        )
      )}
    </div>
  );
}

const DEFAULT = 'bestOfN';

function Sheets({ all }: { readonly all: readonly Sheet[] }) {
  const [sought, setSought] = useState('');
  const [asked] = route.value.rest;
  const open = all.find(({ technique }) => technique === (asked ?? DEFAULT));
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    const link = list.current?.querySelector<HTMLElement>('[aria-current]');
    const box = list.current;
    if (!box || !link) return;
    const { offsetTop: top, offsetHeight: height } = link;
    if (top < box.scrollTop || top + height > box.scrollTop + box.clientHeight)
      box.scrollTop = top - box.clientHeight / 2; // the list alone, and not the page
  }, [asked]);
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ technique, summary, room }) => {
    const text = `${technique} ${summary} ${room}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <div class="proof-columns">
      <nav ref={list} class="proof-list" aria-label="Techniques">
        <input
          type="search"
          placeholder="Find a technique"
          aria-label="Find a technique"
          value={sought}
          onInput={({ currentTarget }) => setSought(currentTarget.value)}
        />
        {found.length === 0 && <p class="quiet small">Nothing is called so.</p>}
        {[...new Set(found.map(({ room }) => room))].map((room) => (
          <section key={room} aria-label={ROOMS[room] ?? room}>
            <h2 class="small quiet">{ROOMS[room] ?? room}</h2>
            <ul>
              {found
                .filter((one) => one.room === room)
                .map((one) => (
                  <li key={one.technique}>
                    <a
                      href={href('proof', [one.technique])}
                      aria-current={one === open ? 'page' : undefined}
                      title={one.summary}
                    >
                      <code>{one.technique}</code>
                      <Mark sheet={one} />
                      <span class="small quiet one-line">{one.summary}</span>
                    </a>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </nav>
      {open ? (
        <Detail key={open.technique} sheet={open} />
      ) : (
        <div class="empty">
          <p>
            There are no laws of <span class="written">{asked}</span>.
          </p>
          <a href={href('proof')}>All techniques</a>
        </div>
      )}
    </div>
  );
}

/** How the laws of a technique stand. */
function Mark({ sheet }: { readonly sheet: Sheet }) {
  const stands = standing(sheet);
  if (!stands)
    return (
      <span class="small quiet number">
        {sheet.laws.length} {sheet.laws.length === 1 ? 'law' : 'laws'}
      </span>
    );
  return (
    <span class={`small number ${stands.kept ? 'proof-kept' : 'error'}`}>
      {stands.kept ? `✓ ${distanceText(stands.distance)}` : 'broken'}
    </span>
  );
}
