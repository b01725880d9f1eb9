/** `plusx techniques`: what there is to put behind the +. */
import { nearest, type AnyTechnique, type Definition, type Field, type Semantics } from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { evaluateExpression, inWords, optionsIn } from '../../evaluate/expression.ts';
import { SCORER_HELP } from '../compose/scorers.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Output, type Terminal } from '../terminal/terminal.ts';
import { padEnd, plural, width, wrap } from '../terminal/text.ts';

export interface TechniquesOptions {
  readonly json?: true;
}

export function listTechniques(name: string | undefined, { json }: TechniquesOptions, terminal: Terminal): number {
  const shown = name === undefined ? techniques : [find(name)];
  if (json) writeJson(terminal, shown.map(factsOf));
  else
    terminal.out.write(
      `${name === undefined ? overview(terminal.out) : page(shown[0] as AnyTechnique, terminal.out)}\n`,
    );
  return EXIT.good;
}

function find(name: string): AnyTechnique {
  const found = techniques.find(({ definition }) => definition.name === name);
  if (found) return found;
  const near = nearest(
    name,
    techniques.map(({ definition }) => definition.name),
  );
  throw new UsageError(
    `Unknown technique "${name}".${near ? ` Did you mean \`${near}\`?` : ''} \`plusx techniques\` lists them.`,
  );
}

function factsOf({ definition, takes }: AnyTechnique): unknown {
  const { name, room, summary, options, calls, rounds, paper } = definition;
  return {
    name,
    room,
    summary,
    takes,
    needs: needsOf(definition),
    calls,
    rounds,
    semantics: semanticsOf(definition),
    paper,
    options: Object.entries<Field<unknown>>(options).map(
      ([option, { kind, doc, presence, default: value, values, min, max }]) => ({
        option,
        kind,
        doc,
        required: presence === 'required',
        default: value,
        ...(values && { values }),
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
      }),
    ),
  };
}

/** With the options at their defaults. */
function needsOf(definition: Definition): readonly string[] {
  return definition.needs?.(defaultsOf(definition)) ?? [];
}
function semanticsOf(definition: Definition): Semantics {
  return definition.semantics(defaultsOf(definition));
}
function defaultsOf({ options }: Pick<Definition, 'options'>): never {
  return Object.fromEntries(Object.entries(options).map(([name, field]) => [name, field.default])) as never;
}

/** `5 calls in 1 round by default`; where models or options have no default, in words: `models * n calls in 1 round`. */
function costOf(definition: Definition): string {
  const { calls, rounds } = definition;
  const [made, turns] = [atDefaults(calls, definition), atDefaults(rounds, definition)];
  if (made === undefined || turns === undefined)
    return `${inWords(calls)} calls in ${inWords(rounds)} ${rounds === '1' ? 'round' : 'rounds'}`;
  const isFixed = optionsIn(calls).length === 0 && optionsIn(rounds).length === 0;
  return `${plural(made, 'call')} in ${plural(turns, 'round')}${isFixed ? '' : ' by default'}`;
}

/** The number it comes to, where every option in it has a default and there is no word on how many models there are. */
function atDefaults(expression: string, { options }: Definition): number | undefined {
  const fields: { readonly [name: string]: Field<unknown> | undefined } = options;
  const known = optionsIn(expression).every((name) => fields[name] && fields[name].presence !== 'required');
  return known ? evaluateExpression(expression, defaultsOf({ options })) : undefined;
}

function overview(out: Output): string {
  const names = Math.max(...techniques.map(({ definition }) => width(definition.name)));
  const rooms = Map.groupBy(techniques, ({ definition }) => definition.room);
  const indent = ' '.repeat(names + 4);
  const blocks = [...rooms].map(([room, members]) =>
    [
      out.paint('bold', room),
      ...members.map(({ definition }) => {
        const { name, summary, paper } = definition;
        const needs = needsOf(definition);
        const facts = [
          costOf(definition),
          semanticsOf(definition).kind,
          ...(needs.length > 0 ? [`needs ${needs.join(', ')}`] : []),
          paper,
        ];
        const below = (text: string): string => wrap(text, out.columns - names - 5, '').replaceAll('\n', `\n${indent}`);
        return `  ${out.paint('cyan', padEnd(name, names))}  ${below(summary)}\n${indent}${out.paint('dim', below(facts.join('; ')))}`;
      }),
    ].join('\n'),
  );
  return `${blocks.join('\n\n')}\n\n${out.paint('dim', 'plusx techniques NAME shows the options of one.')}`;
}

function page({ definition, takes }: AnyTechnique, out: Output): string {
  const { name, room, summary, options, paper } = definition;
  const { kind, target, why } = semanticsOf(definition);
  const needs = needsOf(definition);
  const entries = Object.entries<Field<unknown>>(options);
  const names = Math.max(0, ...entries.map(([option]) => width(option)));
  const indent = ' '.repeat(names + 4);
  const facts: readonly (readonly [string, string])[] = [
    ['use', takes === 'many' ? `${name}(MODEL, MODEL, ...)` : `MODEL + ${name}`],
    ['room', room],
    ['cost', costOf(definition)],
    ['calls', inWords(definition.calls)],
    ['rounds', inWords(definition.rounds)],
    ['needs', needs.length > 0 ? needs.join(', ') : 'nothing but samples'],
    ['law', `${kind}: ${target} (${why})`],
    ['paper', paper],
  ];
  const lines = entries.map(([option, { doc, presence, default: value, values }]) => {
    const rule =
      presence === 'required' ? 'required' : value === undefined ? 'optional' : `default ${JSON.stringify(value)}`;
    const text = wrap(
      `${doc} (${[rule, ...(values ? [values.join(' | ')] : [])].join('; ')})`,
      out.columns - names - 5,
      '',
    );
    return `  ${out.paint('cyan', padEnd(option, names))}  ${text.replaceAll('\n', `\n${indent}`)}`;
  });
  const takesScorer = entries.some(([, { kind: of }]) => of === 'scorer');
  const scorers = Object.entries(SCORER_HELP).map(([scorer, doc]) => {
    const text = wrap(doc, out.columns - 17, '');
    return `  ${out.paint('cyan', padEnd(scorer, 12))}  ${text.replaceAll('\n', `\n${' '.repeat(16)}`)}`;
  });
  return [
    `${out.paint('bold', name)}: ${summary}`,
    '',
    ...facts.map(
      ([word, fact]) =>
        `  ${padEnd(word, 6)} ${wrap(fact, out.columns - 10, '').replaceAll('\n', `\n${' '.repeat(9)}`)}`,
    ),
    ...(lines.length > 0 ? ['', out.paint('bold', 'options'), ...lines] : []),
    ...(takesScorer ? ['', out.paint('bold', 'scorers'), ...scorers] : []),
  ].join('\n');
}
