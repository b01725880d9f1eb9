/**
 * The AI SDK's language model interface, specification v3 and v4, as structural types: the objects of either major
 * version of the SDK fit, and nobody needs a package of it.
 */

export type AiSdkVersion = 'v3' | 'v4';
type JsonValue = null | string | number | boolean | JsonValue[] | JsonObject;
type JsonObject = { [key: string]: JsonValue | undefined };
type Metadata = Record<string, JsonObject>;

interface Described {
  providerMetadata?: Metadata;
}
type File<Data> = { type: 'file'; mediaType: string; data: Data } & Described;
type TaggedData = { type: 'data'; data: Uint8Array | string } | { type: 'url'; url: URL };

type SharedContent =
  | ({ type: 'text' | 'reasoning'; text: string } & Described)
  | ({
      type: 'tool-call';
      toolCallId: string;
      toolName: string;
      input: string;
      providerExecuted?: boolean;
      dynamic?: boolean;
    } & Described)
  | ({
      type: 'tool-result';
      toolCallId: string;
      toolName: string;
      result: NonNullable<JsonValue>;
      isError?: boolean;
    } & Described)
  | ({ type: 'tool-approval-request'; approvalId: string; toolCallId: string } & Described)
  | ({ type: 'source'; sourceType: 'url'; id: string; url: string; title?: string } & Described)
  | ({
      type: 'source';
      sourceType: 'document';
      id: string;
      mediaType: string;
      title: string;
      filename?: string;
    } & Described);

interface Content {
  /** What a result may hold that either version takes. */
  both: SharedContent;
  v3: SharedContent | File<string | Uint8Array>;
  v4:
    | SharedContent
    | File<TaggedData>
    | ({ type: 'reasoning-file'; mediaType: string; data: TaggedData } & Described)
    | ({ type: 'custom'; kind: `${string}.${string}` } & Described);
}
type Shape = AiSdkVersion | 'both';
export type AiSdkContent<V extends Shape = AiSdkVersion> = Content[V];

export interface AiSdkUsage {
  inputTokens: {
    total: number | undefined;
    noCache: number | undefined;
    cacheRead: number | undefined;
    cacheWrite: number | undefined;
  };
  outputTokens: { total: number | undefined; text: number | undefined; reasoning: number | undefined };
  raw?: JsonObject;
}

export interface AiSdkFinish {
  unified: 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';
  raw: string | undefined;
}

export type AiSdkWarning =
  | { type: 'unsupported' | 'compatibility'; feature: string; details?: string }
  | { type: 'other'; message: string };

export interface AiSdkResponse {
  id?: string;
  modelId?: string;
  timestamp?: Date;
}

export interface AiSdkResult<V extends Shape = AiSdkVersion> {
  content: AiSdkContent<V>[];
  finishReason: AiSdkFinish;
  usage: AiSdkUsage;
  providerMetadata?: Metadata;
  response?: AiSdkResponse;
  warnings: AiSdkWarning[];
}

export type AiSdkStreamPart<V extends Shape = AiSdkVersion> =
  | ({ type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; id: string } & Described)
  | ({ type: 'text-delta' | 'reasoning-delta' | 'tool-input-delta'; id: string; delta: string } & Described)
  | ({ type: 'tool-input-start'; id: string; toolName: string } & Described)
  | ({ type: 'tool-input-end'; id: string } & Described)
  | Exclude<AiSdkContent<V>, { type: 'text' | 'reasoning' }>
  | { type: 'stream-start'; warnings: AiSdkWarning[] }
  | ({ type: 'response-metadata' } & AiSdkResponse)
  | { type: 'finish'; usage: AiSdkUsage; finishReason: AiSdkFinish; providerMetadata?: Metadata }
  | { type: 'error'; error: unknown };

/** Call options, as the SDK hands them over: the part that is looked at. */
export interface AiSdkCallOptions {
  prompt: readonly object[];
  seed?: number | undefined;
  abortSignal?: AbortSignal | undefined;
  includeRawChunks?: boolean | undefined;
  headers?: { readonly [name: string]: string | undefined } | undefined;
  providerOptions?: { readonly [provider: string]: object } | undefined;
}

/** A language model object of the AI SDK as `fromAiSdk` takes it: every provider's, of specification v3 or v4. */
export interface AiSdkModelIn {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls?: unknown;
  doGenerate(options: object): PromiseLike<object>;
  doStream(options: object): PromiseLike<object>;
}

export type SupportedUrls = Record<string, RegExp[]>;

/** A language model object as `toAiSdk` makes it. */
export interface AiSdkModel<V extends AiSdkVersion = 'v3'> {
  readonly specificationVersion: V;
  readonly provider: string;
  readonly modelId: string;
  supportedUrls: SupportedUrls | PromiseLike<SupportedUrls>;
  doGenerate(options: AiSdkCallOptions): PromiseLike<AiSdkResult<V>>;
  doStream(options: AiSdkCallOptions): PromiseLike<{ stream: ReadableStream<AiSdkStreamPart<V>> }>;
}

/** Middleware for `wrapLanguageModel` of both majors. */
export interface AiSdkMiddleware {
  readonly specificationVersion: 'v3';
  wrapGenerate(call: { model: AiSdkModelIn; params: AiSdkCallOptions }): PromiseLike<AiSdkResult<'both'>>;
  wrapStream(call: {
    model: AiSdkModelIn;
    params: AiSdkCallOptions;
  }): PromiseLike<{ stream: ReadableStream<AiSdkStreamPart<'both'>> }>;
}
