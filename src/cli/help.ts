/** Texts that stand after the options in `--help`: examples, and what `--json` prints. */
import { TINY_TASKS } from '../tasks/tiny-names.ts';

export const ROOT = `
Examples:
  plusx demo
  plusx ask "What is 17 * 24?" --model enumerable --plus "selfConsistency(n=5)" --trace
  plusx show "What is 17 * 24?" --model enumerable --plus "bestOfN(n=3, score=judge(enumerable))"
  plusx ask "Why is the sky blue?" --model openai/gpt-5-mini --plus "reRead + selfRefine"

Environment:
  PLUSX_BASE_URL   an OpenAI-compatible server: its models are server/NAME, and its own is the default model
  PLUSX_SERVERS    what plusx probe found of servers (default: .plusx/servers.json)
  PLUSX_MODEL      the model of that server;  PLUSX_API_KEY  its key, where it wants one
  OPENAI_API_KEY and the like: plusx models says which; .env in the current folder may hold them
  NO_COLOR=1       no colours;  PLUSX_DEBUG=1  stack traces

Errors are one line on standard error, and then --json prints no document.
Exit codes: 0 good, 1 error, 2 usage, 100 some items failed, 130 interrupted.`;

export const ASK = `
Examples:
  plusx ask "What is 17 * 24?" -m enumerable -p "selfConsistency(n=5)" --trace
  plusx ask "What is similar to < big >?" -m openai/gpt-5-mini -p memPrompt --memory .plusx/memory.db --user mia
  plusx ask "How many files are here?" -m openai/gpt-5-mini -p 'react(tools=mcp)' --mcp "npx -y SERVER ."
  git diff | plusx ask -m openai/gpt-5-mini -p selfRefine --system "Review this change."
  plusx ask --file questions.csv --records answers.csv -m openai/gpt-5-mini -p selfConsistency --store .plusx/store.db

A file of questions (--file) gives a line of JSON a question, in the order of the file: "id","question","reply","answer","votes",
"samples","calls","inputTokens","outputTokens","tokens","usd","seed","formula","error", and what eval --records has besides. With
--store the same command goes on where it was stopped.

JSON: {"question","model","formula","text","answer","finish","semantics":{"kind","target","why"},"facts",
"usage":{"calls","replays","unreported","inputTokens","outputTokens","reasoningTokens","cachedInputTokens",
"cacheWriteInputTokens","usd"},"spending" (the same of the run: shared draws count once),
"exhausted","warnings":[{"code","message"}],"seed"}, "sources" where pages were looked up and, with --trace, "trace".
Unknown is null.`;

export const SHOW = `
Examples:
  plusx show "What is 17 * 24?" -m enumerable -p "selfConsistency(n=5)"
  plusx show "Name a prime between 20 and 40." -m openai/gpt-5-mini -p "selfConsistency(n=3)" -n 50 --svg bars.svg

JSON: {"question","model","formula","before":D,"after":D or null,"totalVariation","usage","seed"} with D =
{"exact","paths","samples","answers":[{"answer","probability","ci95":[lo,hi]}],"callsPerAnswer","tokensPerAnswer",
"usdPerAnswer"}: the answer null is a text without one, the interval of an exact probability is null.`;

const TASKS = `
Tasks: arithmetic and game24 (generated), tiny:NAME (held out of plusx:tiny: ${Object.keys(TINY_TASKS).join(', ')}),
gsm8k:FILE, math:FILE, aqua:FILE, strategyqa:FILE, bbh:FILE, mbpp:FILE, humaneval:FILE, ifeval:FILE, scan:FILE, letters:FILE and commaqa:FILE (their
usual files), pool:FILE (recorded samples, which are the model too), or a file of
questions and expected answers (.jsonl, .json, .csv, .tsv) with --metric.`;

export const EVAL = `${TASKS}

Examples:
  plusx eval arithmetic -m enumerable -p "selfConsistency(n=5)"
  plusx eval questions.jsonl -m openai/gpt-5-mini -p "selfConsistency(n=5)" --metric numeric --budget usd=0.5
  plusx eval pool:samples.jsonl.gz -p 'selfConsistency(n=40, stop="adaptive")'
  plusx eval questions.jsonl -m openai/gpt-5-mini -p "selfConsistency(n=5)" --batch --batch-price 0.5 --run nightly

JSON: {"task","model","formula","items","accuracy","ci95":[lo,hi],"samplesPerItem","usage":{...},"failed"}.
Accuracies are fractions, unknown is null. Exit code 100 where items failed.`;

export const WORKER = `
Workers do the items of a run in any number and on any machine. They need the files, the keys and the configuration that the run
names. One that ends without a word is replaced by the others within 15 seconds.

Examples:
  plusx worker --store postgres://plusx@db/plusx
  plusx worker --store postgres://plusx@db/plusx --models openai/gpt-5-mini --concurrency 32 --rate api.openai.com=50
  plusx eval questions.jsonl -m openai/gpt-5-mini --workers --store postgres://plusx@db/plusx --run first
  plusx runs watch first --store postgres://plusx@db/plusx`;

export const COMPARE = `${TASKS}

One -m with several -p compares the model with each X: -p "" is the model alone, as is one -p by itself. Several -m are compared with
each other. Draw i of an item is the same draw under every formula.

Examples:
  plusx compare arithmetic -m enumerable -p "selfConsistency(n=3)" -p "selfConsistency(n=9)"
  plusx compare questions.jsonl -m openai/gpt-5-mini -p reRead --until decided --budget usd=2
  plusx compare --runs first,second

JSON: {"task","model","metric","until","asked","total","models":[{"formula","accuracy","ci95":[lo,hi],"samplesPerItem",
"tokensPerItem","usdPerItem","msPerItem","failed"}],"pairs":[{"a","b","items","difference","ci95","p","adjusted","better",
"test","gained":[ids],"lost":[ids]}],"usage","spending"}; --out adds "results" to each model. Unknown is null.`;

export const REGRADE = `
Examples:
  plusx eval questions.csv -m openai/gpt-5-mini --run first
  plusx regrade first --metric numeric
  plusx regrade records.jsonl --metric close --import mine.ts

JSON: {"task","formula","metric","items","accuracy","ci95":[lo,hi],"failed",
"before":{"metric","accuracy"},"changed","usage","spending","warnings"}, of a comparison with "formulas", each with its figures; --out adds "results". After Ctrl-C it
prints what is graded by then; with a judge and a store the same command goes on from there.`;

export const RUNS = `
Examples:
  plusx eval questions.csv -m openai/gpt-5-mini --run first
  plusx runs list
  plusx runs diff first second
  plusx runs watch first
  plusx runs pause first
  plusx runs export first --records first.csv
  plusx runs export --as-task --store .plusx/serve.db --records judged.jsonl

JSON: list [{"name","status","task","formula","seed","settings","created","items","failed"}]; show {"run","status","task",
"formulas":[{"formula","items","failed","accuracy","ci95","tags"}],"curves"}; diff as compare; delete {"deleted":[names]}; watch {"name","state",
"done","total","rate","secondsLeft","calls","tokens","usd","command"}, every second; pause, resume, cancel {"name","state"}.
export prints lines of JSON as --records of eval does.`;

export const DIAGNOSE = `${TASKS}

Five samples of each item say what votes, verifiers and stop rules have to work with; a call or two more what a setting, a wording, a
round of critique, a page (--memory) or a tool changes. --budget calls=300 (the default) says how many items there are.

Examples:
  plusx diagnose arithmetic -m enumerable
  plusx diagnose questions.jsonl -m openai/gpt-5-mini --metric numeric --budget calls=600

JSON: {"task","model","formula","items","total","accuracy","ci95":[lo,hi],"findings":[{"about","can","formula",
"gain":{"difference","ci95","p"},"figures":{...},"says"}],"formulas":[{"formula","accuracy","isCeiling","can","callsPerItem",
"tokensPerItem","usdPerItem"}],"verdict","spending"}. can: helps, may, no, hurts, untried. Unknown is null.`;

export const CURVE = `${TASKS}

Examples:
  plusx curve arithmetic -m enumerable -p selfConsistency --over n=1,3,9,27
  plusx curve pool:samples.jsonl.gz -p selfConsistency --over n=1,4,16,40 --svg curve.svg
  plusx curve questions.jsonl -m openai/gpt-5-mini -p selfConsistency --over n=1,2,4,8 --metric numeric

  plusx curve questions.jsonl -m openai/gpt-5-mini -p selfRefine --over rounds=1,2,4 --baselines --x tokens --svg curve.svg

The scorer named oracle knows the right answers: bestOfN(score=oracle) is the ceiling of every scorer, no method.

Several -p or -m, and --baselines, draw several curves. JSON is then {"curves":[...]}, each as one by itself.
JSON: {"task","model","formula","curve":[{"n","accuracy","ci95":[lo,hi],"pass","samplesPerItem","tokensPerItem",
"usdPerItem"}]}. Accuracies are fractions, unknown is null.`;

export const COMPILE = `${TASKS}

A space is a formula in which choices are marked: maybe(reRead), anyOf(selfConsistency(n=[3, 5, 9]), selfRefine(rounds=[1, 2])), lists
of values, prompt("...", "...") for instructions, demos(k=[0, 4, 8]) for solved examples. The plan and what it may spend stand on standard
error before anything is asked. The same command goes on where it stopped and pays for nothing twice.

Examples:
  plusx compile tiny:sum -m plusx:tiny --space "maybe(reRead) + selfConsistency(n=[3, 9])" --budget calls=4000
  plusx compile questions.jsonl -m openai/gpt-5-mini --budget calls=5000,usd=2 --per-question "calls<=8" --out x.plusx.json
  plusx compile questions.jsonl -m openai/gpt-5-mini --budget calls=5000 --batch --batch-price 0.5 --dry-run
  plusx eval questions.jsonl -m x.plusx.json

JSON: {"plan":{...},"front":[{"formula","plus","accuracy","ci95","calls","tokens","usd","dev","picked","equalCost":{...},
"versusBase":{"difference","ci95","p"},"versusEqualCost":{...}}],"base":{...},"picked","improved","verdict","selectionBias",
"effects":[{"choice","value","difference","ci95"}],"stages":[{"name","items","arms","calls","tokens","usd"}],"dropped","warnings"}.`;

export const TECHNIQUES = `
JSON: [{"name","room","summary","takes":"one"|"many","needs":[...],"calls","rounds","semantics":{"kind","target","why"},
"paper","options":[{"option","kind","doc","required","default"}]}], with options at their defaults.`;

export const MODELS = `
JSON: [{"name","about","ready","needs","prices"}]: ready says whether it can be used now, needs what it waits for, prices
[{"model","input","output","cachedInput","cacheWriteInput","date","source"}] what lists say, in dollars for a million tokens.`;

export const PROBE = `
It asks about twenty short questions. What it finds is kept by address and model, without keys, and is used by every verb
from then on: log-probabilities, scores, continuations, native n, neutral settings of the sampler.

Examples:
  plusx probe http://127.0.0.1:8080/v1
  plusx probe vllm/Qwen/Qwen3-0.6B --api completions --json

JSON: {"server","model","api","found":{"n","logprobs","score","prefix","repeatsPrefix","defaults"},
"findings":[{"ability","found","evidence"}],"warnings":[{"code","message"}],"usage":{...},"saved"}.`;

export const DEMO = `
Every row: one sample, the technique with its 95% interval, and what the same tokens buy without it, on questions that the
embedded model was not trained on. --exact, and PLUSX_BASE_URL, show a distribution over answers before and after X instead.
JSON: [{"room","technique","task","formula","items","base","lifted","ci95","equalCompute","tokensPerItem","baseTokensPerItem",
"temperature","difference","differenceCi95","verdict","greedy","equalComputeSamples","equalComputeVote","equalComputeBestOfN"}].
JSON with --exact: {"question","right","results":[{"model","formula","exact","paths","samples","accuracy","totalVariation",
"callsPerAnswer","answers":[{"answer","probability","ci95"}]}],"server": the same for PLUSX_BASE_URL, or null}.`;

export const SERVE = `
Without keys it listens on this machine only. Names of models are those of the configuration, PROVIDER/MODEL where the key is in the
environment, server/MODEL, plusx:tiny. docs/serve.md says what becomes of each field of a request.

Examples:
  plusx serve
  curl http://127.0.0.1:8080/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"plusx:tiny + selfConsistency(n=5)","messages":[{"role":"user","content":"What is 2 + 3?"}]}'`;

export const STUDIO = `
Models are served too, as by plusx serve. Nobody but this machine is answered, unless --host says so.

Examples:
  plusx studio
  plusx studio --store .plusx/nightly.db --port 9000`;

export const MCP = `
Each model that the configuration names is a tool with a question, instructions and a bound of tokens. Budgets, limits, keys and traces
are those of plusx serve. Where there are keys, a program that starts this puts one into PLUSX_MCP_KEY, and requests to /mcp send
one as \`Authorization: Bearer KEY\`. It needs npm install @modelcontextprotocol/sdk.

Examples:
  plusx mcp
  plusx mcp --http --port 8080`;

export const KEYS = `
Once there is a key, the server answers nobody without one, and may listen on any address. Budgets hold for all processes that serve from
one file. What a request can take at most is reserved before it begins.

Examples:
  plusx keys add mia --models "careful,openai/*" --day usd=1 --per-minute 60 --in-flight 4
  plusx keys add prometheus --metrics
  plusx keys list
  plusx keys revoke mia

JSON: add {"id","name","may","created","revoked","key"}; list [{"id","name","may","created","revoked","spent":{"day","month",
"reserved","requests"}}]; revoke the key.`;

export const TRACES = `
plusx serve keeps a trace of each answer that techniques or a local model gave, where it has a store (--store). With --keep-texts it
holds what was asked and answered as well.

Examples:
  plusx traces list
  plusx traces show 438f2255cda1ecd1
  plusx traces show chatcmpl-438f2255cda1ecd1 --show prompts

JSON: list [{"id","owner","created"}]; show {"id","owner","created","trace"}, the tree as ask --trace prints it.`;

export const STORE = `
Examples:
  plusx store du
  plusx store copy .plusx/store.db postgres://plusx@db.example/plusx
  plusx store gc --traces 30d --runs 26w
  plusx store erase --store .plusx/memory.db --user mia

The password of an address may stand in PGPASSWORD or ~/.pgpass, and then it is in no list of processes.
JSON: copy {"journal":rows,..}; du {"journal":{"rows","bytes"},..}; gc and erase {"traces":rows,..}, what went.`;

export const MEMORY = `
Examples:
  plusx memory add "What is similar to < quick >?" --feedback "similar to means a synonym" --user mia
  plusx memory index guide.md paper.pdf --namespace docs
  plusx memory search "How deep is the sea?" --namespace docs
  plusx ask "How deep is the sea?" -m openai/gpt-5-mini -p 'rag(namespace="docs")' --memory .plusx/memory.db
  plusx memory remove --all --user mia

JSON: add {"namespace","id"}; list and search {"namespace","notes":[{"id","text","data"}]}, with "namespaces" or with
"query" and in each note "score" and "similarity"; remove {"namespaces","removed"}; index {"namespace","files","pieces"}.`;
