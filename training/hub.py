"""The weights as a folder that transformers and vLLM read: python -m training.hub --weights training/release/tiny.plusx --out FOLDER.

The tensors are those of `tiny.gguf`. Rows of q and k stand in another order: llama.cpp rotates neighbours, transformers the two
halves of a head. `--sampling` says in the generation settings that the model is sampled, without which some servers are greedy
whatever they are asked for.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from .export import TEMPLATE, byte_letters, named, read
from .tokenizer import END, FIRST_BYTE, SPECIALS

LAYER = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def renamed(name):
    stem = name.removesuffix(".weight")
    if stem in OUTSIDE:
        return f"{OUTSIDE[stem]}.weight"
    _, layer, part = stem.split(".")
    return f"model.layers.{layer}.{LAYER[part]}.weight"


def halves(matrix, heads):
    """Rows 0, 1, 2, 3, ... of each head as 0, 2, ..., 1, 3, ...."""
    outputs, inputs = matrix.shape
    return matrix.reshape(heads, outputs // heads // 2, 2, inputs).transpose(0, 2, 1, 3).reshape(outputs, inputs)


def tokenizer_of(tokenizer):
    """The same ids as ours on text: bytes above 127 are never merged, and digits stand alone."""
    letters = byte_letters()
    spell = lambda i: "".join(letters[b] for b in tokenizer.bytes[i])
    vocabulary = {text: i for i, text in enumerate(SPECIALS)}
    vocabulary |= {spell(i): i for i in range(FIRST_BYTE, tokenizer.size)}
    plain = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    return dict(
        version="1.0",
        truncation=None,
        padding=None,
        added_tokens=[dict(id=i, content=text, **plain) for i, text in enumerate(SPECIALS)],
        normalizer=None,
        pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="Digits", individual_digits=True), byte_level]),
        post_processor=None,
        decoder=byte_level,
        model=dict(
            type="BPE",
            dropout=None,
            unk_token=None,
            continuing_subword_prefix=None,
            end_of_word_suffix=None,
            fuse_unk=False,
            byte_fallback=False,
            ignore_merges=False,
            vocab=vocabulary,
            merges=[[spell(a), spell(b)] for a, b in tokenizer.merges],
        ),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--sampling", action="store_true")
    args = parser.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    model, tokenizer = read(args.weights)
    config = model.config
    tensors = {}
    for name, tensor in named(model).items():
        turned = "attn_q" in name or "attn_k" in name
        tensors[renamed(name)] = np.ascontiguousarray(halves(tensor, config.heads) if turned else tensor)
    save_file(tensors, str(out / "model.safetensors"), metadata={"format": "pt"})
    end = SPECIALS[END]
    files = {
        "config.json": dict(
            architectures=["LlamaForCausalLM"],
            model_type="llama",
            hidden_size=config.width,
            intermediate_size=config.hidden,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.heads,
            head_dim=config.head_width,
            vocab_size=config.vocabulary,
            max_position_embeddings=config.context,
            rope_theta=config.rope_base,
            rms_norm_eps=config.norm_epsilon,
            hidden_act="silu",
            tie_word_embeddings=False,
            bos_token_id=None,
            eos_token_id=END,
            pad_token_id=END,
            torch_dtype="float32",
        ),
        "generation_config.json": dict(eos_token_id=END, pad_token_id=END, **({"do_sample": True} if args.sampling else {})),
        "tokenizer.json": tokenizer_of(tokenizer),
        "tokenizer_config.json": dict(
            tokenizer_class="PreTrainedTokenizerFast",
            eos_token=end,
            pad_token=end,
            model_max_length=config.context,
            clean_up_tokenization_spaces=False,
            chat_template=TEMPLATE,
        ),
    }
    for name, value in files.items():
        (out / name).write_text(json.dumps(value, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
