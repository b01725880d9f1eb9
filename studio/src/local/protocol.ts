/** What the page asks of the worker that runs the embedded model, and what it is told: the playground's own requests. */
import type { Asked } from '../../../src/studio/play/protocol.ts';

export type Ask =
  | { readonly kind: 'facts' }
  | { readonly kind: 'items'; readonly task: string }
  | ({ readonly kind: 'check'; readonly formula: string } & Pick<Asked, 'question' | 'turns'>)
  | { readonly kind: 'run'; readonly asked: Asked }
  | { readonly kind: 'derive'; readonly asked: Asked; readonly index: number }
  | { readonly kind: 'next'; readonly asked: Asked; readonly text: string; readonly position: number };

export type ToWorker =
  /** First of all, once. */
  | { readonly kind: 'weights'; readonly weights: Uint8Array }
  | { readonly kind: 'ask'; readonly id: number; readonly ask: Ask }
  /** Nobody wants the answer any more. */
  | { readonly kind: 'leave'; readonly id: number };

/** One value, or several where a run tells how it stands; then that it is over. */
export type FromWorker =
  | { readonly id: number; readonly kind: 'value'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'over' }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };
