/**
 * After a build: gives the options of each technique a type of its own in the declarations, `BestOfNOptions`, so that an editor
 * shows what an option means, its range and its default, and an error names the type. The text comes from the schema.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { AnyTechnique, Field, Schema } from '../src/core/index.ts';

const DIST = new URL('../dist/', import.meta.url);
const { techniques } = (await import(new URL('catalog.js', DIST).href)) as { techniques: readonly AnyTechnique[] };

for (const { definition } of techniques) {
  const { name, room } = definition;
  const folder = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const file = new URL(`${room}/${folder}/${folder}.d.ts`, DIST);
  const declared = new RegExp(
    `((?:/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?)export declare const ${name}: (.*(?:Technique|Combiner))<\\{\\n([\\s\\S]*?)\\n\\}, [\\s\\S]*?\\n\\}>>;`,
  );
  const source = readFileSync(file, 'utf8');
  const [all, doc = '', kind, fields = ''] = declared.exec(source) ?? [];
  if (all === undefined) continue; // it has no options
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Options`;
  const options = fields.split('\n').map((line) => described(line, definition.options as Schema));
  const text = `/** Options of \`${name}\`. */\nexport interface ${type} {\n${options.join('\n')}\n}\n${doc}export declare const ${name}: ${kind}<{\n${fields}\n}, ${type}>;`;
  writeFileSync(
    file,
    source.replace(all, () => text),
  );
  appendFileSync(new URL(`${room}/index.d.ts`, DIST), `\nexport type { ${type} } from './${folder}/${folder}.ts';`);
}

/** `n: Field<number, "defaulted">` as a documented property. */
function described(line: string, schema: Schema): string {
  const [, option, of] =
    /^\s*(?:readonly )?(\w+): (?:[\w.]+|import\("[^"]+"\)(?:\.\w+)*)\.?Field<(.*)>;$/.exec(line) ?? [];
  const field = schema[option ?? ''];
  if (option === undefined || of === undefined || !field) throw new Error(`no option: ${line}`);
  const type = of.slice(0, of.lastIndexOf(','));
  const presence =
    field.presence === 'required'
      ? [`readonly ${option}: ${type};`]
      : [`readonly ${option}?: ${bracketed(type)} | undefined;`];
  return `    /** ${said(field).replaceAll('*/', '* /')} */\n    ${presence.join('')}`;
}

function bracketed(type: string): string {
  return type.includes('=>') ? `(${type})` : type;
}

/** "Candidates drawn. At least 1. Default 4." */
function said({ doc, min, max, presence, default: fallback }: Field<unknown>): string {
  const range =
    min !== undefined && max !== undefined
      ? [`From ${min} to ${max}.`]
      : min !== undefined
        ? [`At least ${min}.`]
        : max !== undefined
          ? [`At most ${max}.`]
          : [];
  const without =
    presence === 'defaulted'
      ? [`Default ${JSON.stringify(fallback)}.`]
      : presence === 'optional'
        ? ['Optional.']
        : ['Required.'];
  const sentence = `${doc.charAt(0).toUpperCase()}${doc.slice(1)}`;
  return [/[.!?]$/.test(sentence) ? sentence : `${sentence}.`, ...range, ...without].join(' ');
}
