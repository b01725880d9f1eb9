/** What `plusx serve` serves with: what the command line says, else the configuration. */
import { techniques } from '../../catalog.ts';
import { openModels, type ServeConfig } from '../../config/index.ts';
import type { Model } from '../../core/index.ts';
import { keptSockets } from '../../serve/index.ts';
import { loadedModel, ownOf } from '../compose/compose.ts';
import { asFound } from '../compose/known.ts';
import { BUILT_IN, ownModel, SERVER, TINY } from '../compose/names.ts';
import { SCORERS } from '../compose/scorers.ts';
import { served } from '../compose/server.ts';
import type { Terminal } from '../terminal/terminal.ts';

const MOST_KEPT = 1000;

/** The part of a server that a configuration may change while it runs. */
export async function servingOf(terminal: Terminal) {
  const { endUser, limits }: ServeConfig = terminal.loaded?.config.serve ?? {};
  return { ...(await modelsOf(terminal)), endUser, limits };
}

/**
 * What a formula may name: the configuration and what its `imports` export, the providers whose keys are there, the server of
 * PLUSX_BASE_URL. No file.
 */
export async function modelsOf(terminal: Terminal) {
  const { env, signal, loaded } = terminal;
  const isOwn = (name: string): boolean => name === BUILT_IN || name.startsWith(`${SERVER}/`);
  const { techniques: ownTechniques, scorers: ownScorers, models: ownModels, functions } = await ownOf([], terminal);
  const scope = {
    techniques: [...techniques, ...ownTechniques],
    scorers: { ...SCORERS, ...ownScorers },
    functions,
  };
  const exported = (name: string) => {
    const model = Object.hasOwn(ownModels, name) ? ownModels[name] : undefined;
    return model && loadedModel(model);
  };
  const opened = await openModels(loaded, {
    env,
    // What a formula of the configuration may name besides.
    own: async (name) => (isOwn(name) ? ownModel(name, terminal) : exported(name)),
    scope,
    asFound: async (model) => keptSockets(await asFound(model, env)),
  });
  const kept = new Map<string, Model>(Object.entries(ownModels));
  const model = async (name: string): Promise<Model | undefined> => {
    const known = kept.get(name);
    if (known) return known;
    const found = await opened.named(name, { foreign: !isOwn(name) });
    const made = found && keptSockets(found.model);
    if (made && kept.size < MOST_KEPT) kept.set(name, made);
    return made;
  };
  const ids = env['PLUSX_BASE_URL'] ? await served(env, signal).catch(() => []) : [];
  return {
    ...scope,
    model,
    /** Those that the configuration gives a name of its own. */
    named: opened.listed.filter(({ name }) => Object.hasOwn(loaded?.config.models ?? {}, name)),
    listed: [...opened.listed.map(({ name }) => name), TINY, BUILT_IN, ...ids.map((id) => `${SERVER}/${id}`)],
  };
}
