/** The sandbox of the laws, for the laws that still stand here. */
import type { Host, Model } from '../../src/core/index.ts';
import { hosted } from '../../src/testing/laws/hosted.ts';

export { trustingSandbox } from '../../src/testing/laws/sandbox.ts';

/** The model, run on this host. */
export function on(host: Host, model: Model): Model {
  return hosted(model, () => host);
}
