/** What a tool takes: written down for the model, and checked when the model has written something. */
import type { Tool } from '../../core/index.ts';

export interface WithSchema {
  /** A Standard Schema (Zod, Valibot, ArkType), the AI SDK's `jsonSchema()`, or a JSON schema. */
  readonly inputSchema: unknown;
}

interface AnySchema {
  readonly '~standard'?: {
    readonly validate: (value: unknown) => Promise<Checked> | Checked;
    readonly jsonSchema?: { readonly input: (options: { target: string }) => JsonSchema };
  };
  readonly jsonSchema?: JsonSchema | PromiseLike<JsonSchema>;
  readonly validate?: (value: unknown) => PromiseLike<Validated> | Validated;
}
type JsonSchema = Tool['inputSchema'];
type Checked = { readonly value?: unknown; readonly issues?: readonly { readonly message: string }[] | undefined };
type Validated = { readonly success: boolean; readonly value?: unknown; readonly error?: Error };

/** The AI SDK may hold a schema back until it is needed. */
function schemaOf({ inputSchema }: WithSchema): AnySchema {
  const isLazy = typeof inputSchema === 'function' && !('~standard' in inputSchema);
  return (isLazy ? (inputSchema as () => AnySchema)() : inputSchema) as AnySchema;
}

/** As JSON schema, where it can be written so. */
export async function jsonSchemaOf(tool: WithSchema): Promise<JsonSchema | undefined> {
  const schema = schemaOf(tool);
  const standard = schema['~standard'];
  if (standard) return standard.jsonSchema?.input({ target: 'draft-07' });
  return 'jsonSchema' in schema ? schema.jsonSchema : (schema as JsonSchema);
}

/** The input as the tool takes it. Throws what does not fit. */
export async function checkInput(tool: WithSchema, given: unknown): Promise<unknown> {
  const schema = schemaOf(tool);
  const standard = await schema['~standard']?.validate(given);
  if (standard?.issues)
    throw new Error(`The input does not fit: ${standard.issues.map(({ message }) => message).join('; ')}`);
  if (standard) return standard.value;
  const validated = typeof schema.validate === 'function' ? await schema.validate(given) : undefined;
  if (validated && !validated.success)
    throw new Error(`The input does not fit: ${validated.error?.message ?? 'it is not valid'}`);
  return validated ? validated.value : given;
}
