/** Whether the page runs the embedded model itself: where its address says `?local`, and where it is a saved file. */
import { kept } from './kept.ts';

export const isLocal = kept !== undefined || new URLSearchParams(location.search).has('local');
