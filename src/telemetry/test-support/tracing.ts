/** An SDK of OpenTelemetry that keeps its spans in memory, and the trees that they make. */
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import type { Span } from '../../core/index.ts';

export interface Tracing {
  readonly spans: () => readonly ReadableSpan[];
  forget(): void;
  /** Sets a context manager, after it was taken away. */
  activate(): void;
  stop(): Promise<void>;
}

export function tracing(): Tracing {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  const activate = (): void => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  activate();
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    activate,
    spans: () => exporter.getFinishedSpans(),
    forget: () => exporter.reset(),
    async stop() {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** A piece of work with what is inside it. */
export interface Tree {
  readonly name: string;
  readonly path: string;
  readonly status: string;
  readonly inside: readonly Tree[];
}

const byPath = (trees: readonly Tree[]): readonly Tree[] =>
  trees.toSorted((a, b) => compare(a.path, b.path) || compare(JSON.stringify(a), JSON.stringify(b)));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What lies inside a span, as the SDK has it. */
export function spansInside(spans: readonly ReadableSpan[], parent: string | undefined): readonly Tree[] {
  return byPath(
    spans
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
      .map((span) => ({
        name: span.name.replace(/^(?:invoke_workflow|chat|embeddings) /, ''),
        path: String(span.attributes['plusx.path']),
        status: String(span.attributes['plusx.status']),
        inside: spansInside(spans, span.spanContext().spanId),
      })),
  );
}

/** The same of a trace of ours. */
export function tracesInside({ children }: Span): readonly Tree[] {
  return byPath(
    children.map((child) => ({
      name: child.kind === 'call' ? child.name.replace(/^[^/]*\//, '') : child.name,
      path: child.path,
      status: child.status,
      inside: tracesInside(child),
    })),
  );
}

export const isFailed = ({ status }: ReadableSpan): boolean => status.code === SpanStatusCode.ERROR;
