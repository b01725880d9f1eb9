/** Models on a host of their own: closed forms are compared with models that nobody gives a host. */
import type { Host, Model } from '../../core/index.ts';

/** The model on a host that is made anew for every inference, so that none sees what another left behind. */
export function hosted(model: Model, host: () => Host): Model {
  return { ...model, sample: (request, context) => model.sample(request, { ...context, host: host() }) };
}
