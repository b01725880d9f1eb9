/** Runs: a list, one of them, or several side by side. */
import './runs.css';
import { route } from '../../shell/route.ts';
import { Compared } from './compared.tsx';
import { RunList } from './list.tsx';
import { OneRun } from './run.tsx';

export function Runs() {
  const { rest, query } = route.value;
  const [name] = rest;
  const together = query.getAll('with');
  if (name !== undefined) return <OneRun key={name} name={name} />;
  if (together.length > 0) return <Compared runs={together} />;
  return <RunList />;
}
