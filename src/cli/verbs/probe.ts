/** `plusx probe`: what a server can do, found out by asking it. */
import type { Model, Usage } from '../../core/index.ts';
import type { Probed } from '../../models/openai/index.ts';
import { KNOWN_FILE, keepServer } from '../compose/known.ts';
import type { LoadedModel } from '../../config/models.ts';
import { modelsOf } from '../compose/names.ts';
import { defaultModel } from '../compose/server.ts';
import { mayBegin, type Spending, type SpendingOptions } from '../compose/spending.ts';
import { NOTHING } from '../../evaluate/worst-case.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { oneLine, padEnd, usageLine, width, wrap } from '../terminal/text.ts';

export interface ProbeOptions extends SpendingOptions {
  /** Which model of a server that is named by its address. */
  readonly model?: string | undefined;
  readonly api?: 'chat' | 'completions' | undefined;
  readonly save?: string | undefined;
  readonly seed?: number | undefined;
}

/** Probes a model by name, or a model of the server at an address. */
export async function probeServer(
  what: string | undefined,
  options: ProbeOptions,
  terminal: Terminal,
): Promise<number> {
  const { probe, knownOf, PROBE_MOST } = await import('../../models/openai/index.ts');
  const { model, free } = await subject(what, options, terminal);
  const spending: Spending = {
    formula: model.name,
    worst: { ...NOTHING, ...PROBE_MOST, inputTokens: undefined, usd: undefined, because: [] },
    of: 'short questions',
    free,
  };
  // What is no server is refused by the probe itself.
  if (!free && !(await mayBegin(spending, options, terminal))) return EXIT.good;
  const { seed, budget, save = terminal.env['PLUSX_SERVERS'] || KNOWN_FILE, json, quiet } = options;
  const probed = await probe(model, { seed, budget, signal: terminal.signal });
  const known = knownOf(probed);
  if (known) await keepServer(save, known);
  if (json) writeJson(terminal, { ...known, warnings: probed.warnings, usage: probed.usage, saved: save });
  else terminal.out.write(`${table(model, probed, terminal)}\n`);
  if (!json && !quiet) terminal.err.write(`${footer(probed.usage, save, terminal)}\n`);
  return EXIT.good;
}

async function subject(what: string | undefined, options: ProbeOptions, terminal: Terminal): Promise<LoadedModel> {
  const isAddress = what !== undefined && /^https?:/.test(what);
  const env = isAddress ? { ...terminal.env, ...at(what, options, terminal) } : terminal.env;
  const name = isAddress || what === undefined ? await defaultModel({ env, signal: terminal.signal }) : what;
  if (name === undefined)
    throw new UsageError('Name a server or a model: `plusx probe http://127.0.0.1:8080/v1`, `plusx probe vllm/NAME`.');
  const models = await modelsOf({ ...terminal, env }, { api: options.api, asIs: true });
  const found = await models.named(name);
  if (found) return found;
  throw new UsageError(`Unknown model "${name}". \`plusx models\` lists them.`);
}

/** The environment of an address. The key of PLUSX_BASE_URL goes to no other server. */
function at(address: string, { model }: ProbeOptions, { env }: Terminal): Terminal['env'] {
  const own = env['PLUSX_BASE_URL'];
  const isOther =
    own !== undefined && URL.canParse(own) && URL.canParse(address) && new URL(own).origin !== new URL(address).origin;
  return { PLUSX_BASE_URL: address, PLUSX_MODEL: model, ...(isOther && { PLUSX_API_KEY: undefined }) };
}

function table({ name }: Model, { findings, warnings }: Probed, { out }: Terminal): string {
  const first = Math.max(...findings.map(({ ability }) => width(ability)));
  const second = Math.max(...findings.map(({ found }) => width(found)));
  const indent = ' '.repeat(first + second + 4);
  const room = Math.max(20, out.columns - first - second - 5);
  const lines = findings.map(({ ability, found, evidence }) => {
    const colour = found === 'no' ? 'red' : found === 'unknown' ? 'yellow' : 'green';
    const text = wrap(oneLine(evidence), room).replaceAll('\n', `\n${indent}`);
    return `${padEnd(ability, first)}  ${out.paint(colour, padEnd(oneLine(found), second))}  ${text}`;
  });
  const said = warnings.map(({ message }) => out.paint('yellow', wrap(oneLine(message), out.columns)));
  return [out.paint('bold', oneLine(name)), ...lines, ...said].join('\n');
}

function footer(usage: Usage, file: string, { err }: Terminal): string {
  return err.paint('dim', `${usageLine(usage)}; kept in ${oneLine(file)}, and used from now on`);
}
