import { option, user } from '../../core/index.ts';
import { LEAST_SUBTRACTED, mapBoth } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';

/**
 * Reads the prompt and another one in its place, and moves each token away from what is said without the prompt.
 *
 *     P'(v | prefix) ∝ p(v | prefix) · (p(v | x, prefix) / p(v | prefix))^scale
 *
 * `scale = 1` is the base itself, 0 the base without the prompt. The probability without the prompt is taken to be at
 * least 1e-12.
 *
 * Cost: 1 call that reads two prompts and writes twice: twice the tokens. Source: Sanchez et al., "Stay on topic with
 * classifier-free guidance", 2023.
 */
export const classifierFreeGuidance = nextTokenTechnique({
  name: 'classifierFreeGuidance',
  summary: 'follow the prompt more than the model does',
  paper: 'Sanchez et al., 2023',
  options: {
    scale: option.number({ doc: 'how much: 1 changes nothing', min: 0, default: 1.5 }),
    without: option.text({ doc: 'what is asked in place of the prompt', default: '' }),
  },
  calls: '1',
  rounds: '1',
  semantics: ({ scale }) => ({
    kind: 'exact',
    target: `prod p(v) (p(v | x) / p(v))^${scale} / Z(prefix)`,
    why: 'each token is drawn from the guided distribution',
  }),
  reads: (base, request, { without }) => [
    { model: base, request },
    { model: base, request: { ...request, prompt: [user(without)] } },
  ],
  make: ([given, without], { scale }) => {
    const guide = (c: Float64Array, u: Float64Array): Float64Array =>
      c.map((l, v) => {
        const free = Math.max(u[v] as number, LEAST_SUBTRACTED);
        return l === -Infinity && scale > 0 ? -Infinity : free + (scale === 0 ? 0 : scale * (l - free));
      });
    return mapBoth(given, without as typeof given, guide, { where: 'classifierFreeGuidance', option: 'without' });
  },
});
