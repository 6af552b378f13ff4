"""GPT-2: the networks' own `GPT`, with the weights of a checkpoint.

catalogue  lm-gpt
"""

from __future__ import annotations

from mulle.nn.module import Module
from mulle.nn.networks.gpt import GPT
from mulle.nn.pretrained.architecture import Architecture
from mulle.nn.pretrained.config import Config


def _build(config: Config) -> Module:
    width = config.number("n_embd")
    config.expect("activation_function", "gelu_new", "gelu_pytorch_tanh", "gelu_fast")
    config.expect("n_inner", None, 4 * width)
    config.expect("layer_norm_epsilon", 1e-5)
    config.expect("scale_attn_weights", True)
    config.expect("scale_attn_by_inverse_layer_idx", False)
    config.expect("add_cross_attention", False)
    return GPT(
        config.number("vocab_size"),
        config.number("n_positions"),
        n_layer=config.number("n_layer"),
        n_head=config.number("n_head"),
        n_embd=width,
        dropout=config.real("resid_pdrop", 0.1),
        tied=bool(config.values.get("tie_word_embeddings", True)),
    )


GPT2 = Architecture(
    "GPT-2",
    "decoder",
    _build,
    {
        "tokens": "wte",
        "positions": "wpe",
        "norm": "ln_f",
        "blocks.{i}.norm1": "h.{i}.ln_1",
        "blocks.{i}.norm2": "h.{i}.ln_2",
        "blocks.{i}.self_attn": "h.{i}.attn.c_attn",  # queries, keys and values in one
        "blocks.{i}.self_attn.out_proj": "h.{i}.attn.c_proj",
        "blocks.{i}.linear1": "h.{i}.mlp.c_fc",
        "blocks.{i}.linear2": "h.{i}.mlp.c_proj",
        "head": "lm_head",
    },
    ("transformer.", ""),
    frozenset(
        {
            "blocks.{i}.self_attn",
            "blocks.{i}.self_attn.out_proj",
            "blocks.{i}.linear1",
            "blocks.{i}.linear2",
        }
    ),
)
