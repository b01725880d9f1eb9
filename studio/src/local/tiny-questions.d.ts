/** Put there by the build. */
declare module 'virtual:tiny-questions' {
  import type { TaskItem } from '../../../src/studio/play/protocol.ts';
  export const questions: { readonly [task: string]: readonly TaskItem[] };
}
