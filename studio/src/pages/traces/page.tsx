/** Traces: how answers came about. A list, or one of them. */
import './traces.css';
import { route } from '../../shell/route.ts';
import { TraceList } from './list.tsx';
import { OneTrace } from './trace.tsx';

export function Traces() {
  const [id] = route.value.rest;
  return id === undefined ? <TraceList /> : <OneTrace key={id} id={id} />;
}
