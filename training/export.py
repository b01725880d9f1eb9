"""Writes the weights for the runtimes, and what their tests compare with: python -m training.export --out training/release.

`tiny.plusx` is described in README.md. The GGUF file and the golden file hold exactly the dequantised values of it.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch

from .build import HERE
from .evaluate import held_out
from .model import Config, Decoder
from .tokenizer import END, FIRST_BYTE, ROLES, SPECIALS, Tokenizer
from .train import load_model

MAGIC = b"PLXT"
ALIGN = 64
TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    "{% if m['role'] == 'assistant' %}{{ '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def named(model):
    """The tensors under the names llama.cpp gives them: q, k and v, gate and up each on their own."""
    tensors = {"token_embd.weight": model.embedding}
    for i, block in enumerate(model.blocks):
        q, k, v = block.qkv.chunk(3)
        gate, up = block.gate_up.chunk(2)
        parts = dict(attn_norm=block.attention_norm, attn_q=q, attn_k=k, attn_v=v, attn_output=block.output)
        parts |= dict(ffn_norm=block.mlp_norm, ffn_gate=gate, ffn_up=up, ffn_down=block.down)
        tensors |= {f"blk.{i}.{name}.weight": tensor for name, tensor in parts.items()}
    tensors |= {"output_norm.weight": model.final_norm, "output.weight": model.head}
    return {name: tensor.detach().numpy().astype(np.float32) for name, tensor in tensors.items()}


def unnamed(config, tensors):
    """A decoder with the given tensors."""
    model = Decoder(config)
    read = lambda name: torch.from_numpy(np.array(tensors[f"{name}.weight"]))
    with torch.no_grad():
        model.embedding.copy_(read("token_embd"))
        model.head.copy_(read("output"))
        model.final_norm.copy_(read("output_norm"))
        for i, block in enumerate(model.blocks):
            part = lambda *names: torch.cat([read(f"blk.{i}.{name}") for name in names])
            block.qkv.copy_(part("attn_q", "attn_k", "attn_v"))
            block.output.copy_(part("attn_output"))
            block.gate_up.copy_(part("ffn_gate", "ffn_up"))
            block.down.copy_(part("ffn_down"))
            block.attention_norm.copy_(part("attn_norm"))
            block.mlp_norm.copy_(part("ffn_norm"))
    return model


def quantise(matrix):
    """Rows as int8 times one f32 scale a row; the scale is the largest magnitude over 127."""
    scale = np.maximum(np.abs(matrix).max(1), 1e-12).astype(np.float32) / np.float32(127)
    return np.clip(np.rint(matrix / scale[:, None]), -127, 127).astype(np.int8), scale


def write(path, config, tokenizer, tensors):
    """The one weights file; returns the dequantised tensors."""
    entries, blobs, offset, back = [], [], 0, {}

    def put(data):
        nonlocal offset
        at = offset
        blob = data.tobytes()
        blob += b"\0" * (-len(blob) % ALIGN)
        blobs.append(blob)
        offset += len(blob)
        return at

    for name, tensor in tensors.items():
        if tensor.ndim == 1:
            entries.append({"name": name, "type": "f32", "shape": list(tensor.shape), "at": put(tensor)})
            back[name] = tensor
        else:
            rows, scale = quantise(tensor)
            entries.append({"name": name, "type": "i8", "shape": list(tensor.shape), "at": put(rows), "scales": put(scale)})
            back[name] = rows.astype(np.float32) * scale[:, None]
    header = {"format": "plusx-tiny-1", "config": config.as_dict(), "trained_context": 512, "tensors": entries}
    header["tokenizer"] = {"specials": SPECIALS, "roles": ROLES, "end": END, "merges": tokenizer.merges}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % ALIGN)
    path.write_bytes(MAGIC + struct.pack("<I", len(text)) + text + b"".join(blobs))
    return back


def read(path):
    """The model and tokenizer of a weights file, as a runtime sees them."""
    data = Path(path).read_bytes()
    size = struct.unpack("<I", data[4:8])[0]
    header, start = json.loads(data[8 : 8 + size]), 8 + size
    tensors = {}
    for entry in header["tensors"]:
        count = int(np.prod(entry["shape"]))
        if entry["type"] == "f32":
            tensors[entry["name"]] = np.frombuffer(data, np.float32, count, start + entry["at"])
        else:
            rows = np.frombuffer(data, np.int8, count, start + entry["at"]).reshape(entry["shape"])
            scale = np.frombuffer(data, np.float32, entry["shape"][0], start + entry["scales"])
            tensors[entry["name"]] = rows.astype(np.float32) * scale[:, None]
    return unnamed(Config(**header["config"]), tensors), Tokenizer(header["tokenizer"]["merges"])


def byte_letters():
    """The printable letter that stands for each byte in GGUF vocabularies of byte-level BPE."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(extra)}


def write_gguf(path, config, tokenizer, tensors):
    import gguf

    letters = byte_letters()
    spell = lambda i: "".join(letters[b] for b in tokenizer.bytes[i])
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("plusx-tiny")
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.heads)
    writer.add_layer_norm_rms_eps(config.norm_epsilon)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_vocab_size(config.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(SPECIALS + [spell(i) for i in range(FIRST_BYTE, tokenizer.size)])
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_token_types([control] * len(SPECIALS) + [normal] * (tokenizer.size - len(SPECIALS)))
    writer.add_token_merges([f"{spell(a)} {spell(b)}" for a, b in tokenizer.merges])
    writer.add_eos_token_id(END)
    writer.add_pad_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(TEMPLATE)
    for name, tensor in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


GOLDEN = ["steps", "direct", "large numbers, calculator", "countdown 3", "facts, frequent", "passage", "rephrase", "critique", "notes", "chat"]


@torch.no_grad()
def golden(model, tokenizer):
    """Ten held-out prompts: ids, the five likeliest next tokens, and the greedy continuation."""
    cases = []
    for name in GOLDEN:
        made = held_out(name, 1, "golden")[0]
        ids = tokenizer.encode_prompt(made.prompt)
        logits = model([torch.tensor([ids])])
        logprobs = torch.log_softmax(logits, -1)
        scored = float(logprobs[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].sum())
        top = torch.topk(logprobs[-1], 5)
        first = [[int(i), float(v)] for v, i in zip(top.values, top.indices)]
        written, context = [], list(ids)
        while len(written) < 120 and len(context) < 512:
            best = int(model([torch.tensor([context])])[-1].argmax())
            if best == END:
                break
            written.append(best)
            context.append(best)
        text = tokenizer.decode(written)
        case = {"family": name, "turns": made.prompt, "ids": ids, "promptLogprob": scored, "top": first, "greedy": written, "text": text}
        cases.append(case)
    texts = ["Plain text.", "  two  spaces\n\n\tand 3,141 digits it's", "na\u00efve \u2192 \u6f22\u5b57 \U0001f642", "<|user|> is only text here", ""]
    return {"cases": cases, "tokenizer": [{"text": t, "ids": tokenizer.encode(t)} for t in texts]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", default=str(HERE / ".work"))
    parser.add_argument("--checkpoint", default="")
    parser.add_argument("--out", default=str(HERE / "release"))
    parser.add_argument("--weights", default="", help="write only the GGUF file of this weights file")
    args = parser.parse_args()
    torch.set_num_threads(1)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    if args.weights:
        model, tokenizer = read(args.weights)
        write_gguf(out / "tiny.gguf", model.config, tokenizer, named(model))
        return
    tokenizer = Tokenizer.load(Path(args.work) / "tokenizer.json")
    model, _ = load_model(args.checkpoint or Path(args.work) / "tiny.pt")
    tensors = write(out / "tiny.plusx", model.config, tokenizer, named(model))
    write_gguf(out / "tiny.gguf", model.config, tokenizer, tensors)
    tokenizer.save(out / "tokenizer.json")
    again, _ = read(out / "tiny.plusx")
    (out / "golden.json").write_text(json.dumps(golden(again, tokenizer), indent=1))
    for path in sorted(out.iterdir()):
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
