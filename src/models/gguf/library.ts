/** node-llama-cpp as far as it is used here, and the way to get it. It is an optional peer: imported when a GGUF file is opened. */
import { PlusxError } from '../../core/index.ts';

/** What is wanted of the distribution behind a token. */
export interface LlamaWant {
  /** Whether the engine draws a token, by `options`. */
  readonly token?: true;
  /** All logits, after `options`, or those of some tokens. */
  readonly logits:
    | true
    | {
        readonly filter: {
          readonly tokens: readonly number[];
          readonly includeSelected?: true;
          readonly includeTop: number;
        };
      };
  /** The sum of exp(logit - highest logit) over the whole vocabulary, in single precision. */
  readonly totalLogitWeight?: true;
  /** Without them: the likeliest token, and the logits as they are. */
  readonly options?: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly seed: number;
  };
}

export interface LlamaNext {
  readonly token?: number | null;
  readonly logits?: ReadonlyMap<number, number>;
  readonly totalLogitWeight?: number;
}

/** Something to evaluate: a token, or a token and what is wanted behind it. */
export type LlamaInput = number | [token: number, options: { generateNext: LlamaWant }];

export interface LlamaSequence {
  readonly nextTokenIndex: number;
  compareContextTokens(tokens: number[]): { readonly firstDifferentIndex: number };
  eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>;
  clearHistory(): Promise<void>;
  controlledEvaluate(input: LlamaInput[]): Promise<ReadonlyArray<{ readonly next: LlamaNext } | undefined>>;
  saveStateToFile(file: string): Promise<unknown>;
  loadStateFromFile(file: string, accept: { acceptRisk: true }): Promise<void>;
}

export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}

export interface LlamaModel {
  readonly trainContextSize: number;
  readonly tokens: { readonly bos: number | null; readonly shouldPrependBosToken: boolean };
  readonly fileInfo: {
    readonly metadata: {
      readonly general?: { readonly sampling?: { readonly [key: string]: unknown } };
      readonly tokenizer?: { readonly chat_template?: string };
    };
  };
  readonly tokenizer: unknown;
  tokenize(text: string, specialTokens?: boolean): number[];
  detokenize(tokens: readonly number[], specialTokens?: boolean): string;
  iterateAllTokens(): Iterable<number>;
  isEogToken(token: number): boolean;
  createContext(options: {
    sequences: number;
    contextSize: number;
    flashAttention: boolean;
    threads: number;
  }): Promise<LlamaContext>;
  dispose(): Promise<void>;
}

/** What stands in a chat, in the words of node-llama-cpp. */
export type LlamaTurn =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] };

/** A file that is being fetched. */
export interface LlamaDownloader {
  readonly entrypointFilename: string;
  readonly filesInfo: readonly { readonly fileName: string; readonly totalSize: number }[];
  download(options: { signal: AbortSignal }): Promise<string>;
}

/** The module node-llama-cpp. */
export interface LlamaLibrary {
  createModelDownloader(options: {
    modelUri: string;
    dirPath: string;
    deleteTempFileOnCancel: boolean;
    endpoints?: { huggingFace: string };
    onProgress(status: { totalSize: number; downloadedSize: number }): void;
  }): Promise<LlamaDownloader>;
  getLlama(options: object): Promise<{ loadModel(options: { modelPath: string }): Promise<LlamaModel> }>;
  readonly JinjaTemplateChatWrapper: new (options: { template: string }) => {
    generateContextState(options: { chatHistory: readonly LlamaTurn[] }): {
      readonly contextText: { tokenize(tokenizer: unknown): number[] };
    };
  };
}

const PEER = 'node-llama-cpp';

/** node-llama-cpp is not installed, or its binary for this machine is not. */
export class LlamaMissing extends PlusxError {
  override readonly kind = 'usage';
  constructor({ why }: { why?: string } = {}) {
    const { platform, arch } = process;
    const system = { darwin: 'mac', win32: 'win' }[platform as string] ?? platform;
    const machine = system === 'mac' && arch === 'arm64' ? 'arm64-metal' : arch === 'arm' ? 'armv7l' : arch;
    const command = `npm i --omit=optional --ignore-scripts ${PEER} @${PEER}/${system}-${machine}`;
    super(
      `A GGUF file needs ${PEER}, ${why ?? 'which is not installed'}. Install it without its GPU builds (about 80 MB): ${command}. With them (about 700 MB): npm i ${PEER}.`,
    );
  }
}

/** The file is no GGUF file that llama.cpp can load. */
export class BadModelFile extends PlusxError {
  override readonly kind = 'usage';
  constructor({ file, why }: { file: string; why: string }) {
    super(
      `${file} cannot be loaded as a GGUF model: ${why.replaceAll(/\s+/g, ' ').slice(0, 300)}. Check that it is whole.`,
    );
  }
}

/** The installed library. `load` imports a package by name. */
export async function llamaLibrary(
  load: (name: string) => Promise<unknown> = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ name),
): Promise<LlamaLibrary> {
  try {
    return (await load(PEER)) as LlamaLibrary;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') throw new LlamaMissing();
    throw new LlamaMissing({ why: `which does not load: ${String(error).replaceAll(/\s+/g, ' ').slice(0, 200)}` });
  }
}
