/** Runs as spans of OpenTelemetry: one a technique, one a call of a model, and on a server one a request. */
import type * as Api from '@opentelemetry/api';
import { PlusxError, type Telemetry } from '../core/index.ts';
import { begunAs, endedAs, type Attributes } from './attributes.ts';

export interface OpenTelemetryOptions {
  /** Whether spans hold what was asked and answered. Default false. */
  readonly content?: boolean | undefined;
  /** The library itself. Default: the installed package `@opentelemetry/api`. */
  readonly api?: typeof Api | undefined;
}

/** Give it to a run as `telemetry`: what is done there lies in the span that is active. */
export interface OpenTelemetry extends Telemetry {
  /** A request has come in: a span of its own, in the trace that its headers name. */
  request(incoming: Incoming): IncomingTelemetry;
}

export interface Incoming {
  readonly method: string;
  readonly route: string;
  header(name: string): string | undefined;
}

/** Is told of what is done for a request. */
export interface IncomingTelemetry extends Telemetry {
  /** The answer is out, or there will be none. */
  over(status: number, facts: Attributes): void;
}

/** `@opentelemetry/api` is not installed. */
export class OpenTelemetryMissing extends PlusxError {
  override readonly kind = 'usage';
  constructor() {
    super(`Telemetry needs ${PEER}, which is not installed. Run \`npm install ${PEER}\`, and register an SDK for it.`);
  }
}

const PEER = '@opentelemetry/api';

/** Spans go to the SDK that the program has registered. Without one they go nowhere, and cost next to nothing. */
export async function openTelemetry({ content = false, api }: OpenTelemetryOptions = {}): Promise<OpenTelemetry> {
  const means = { api: api ?? (await load()), content };
  const { api: otel } = means;
  return {
    content,
    begins: (span, request) => begun(means, otel.context.active(), begunAs(span, request), kindOf(otel, span.kind)),
    ends() {}, // it stands for no work of its own
    request({ method, route, header }) {
      const active = otel.context.active();
      // Where the program has a span for the request already, that one has the headers' trace.
      const parent = otel.trace.getSpan(active)
        ? active
        : otel.propagation.extract(active, header, { get: (carrier, name) => carrier(name), keys: () => [] });
      const attributes = { 'http.request.method': method, 'http.route': route };
      return begun(means, parent, { name: `${method} ${route}`, attributes }, otel.SpanKind.SERVER);
    },
  };
}

/** Loads the package by a name that bundlers do not follow: it may not be installed. */
async function load(): Promise<typeof Api> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ PEER)) as typeof Api;
  } catch {
    throw new OpenTelemetryMissing();
  }
}

const kindOf = ({ SpanKind }: typeof Api, kind: 'technique' | 'call'): Api.SpanKind =>
  kind === 'call' ? SpanKind.CLIENT : SpanKind.INTERNAL;

interface Means {
  readonly api: typeof Api;
  readonly content: boolean;
}

/** Work that has begun, as a span inside `parent`. */
function begun(
  means: Means,
  parent: Api.Context,
  { name, attributes }: { readonly name: string; readonly attributes: Attributes },
  kind: Api.SpanKind,
): IncomingTelemetry {
  const { api, content } = means;
  const span = api.trace.getTracer('plusx').startSpan(name, { kind, attributes: known(attributes) }, parent);
  const inside = api.trace.setSpan(parent, span);
  const end = (facts: Attributes, isError: boolean): void => {
    span.setAttributes(known(facts));
    if (isError) span.setStatus({ code: api.SpanStatusCode.ERROR });
    span.end();
  };
  return {
    content,
    get headers() {
      const carrier: { [header: string]: string } = {};
      api.propagation.inject(inside, carrier);
      return carrier;
    },
    // Active for what the program's own instruments see of it, such as a request over HTTP; without a context manager it is just done.
    within: (does) => api.context.with(inside, does),
    begins: (inner, request) => begun(means, inside, begunAs(inner, request), kindOf(api, inner.kind)),
    ends: (ended, more = {}) => end(endedAs(ended, more, content), ended.status === 'error'),
    over: (status, facts) => end({ 'http.response.status_code': status, ...facts }, status >= 500),
  };
}

const known = (attributes: Attributes): Api.Attributes =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'object' ? [...value] : value]],
    ),
  );
