"""BERT, RoBERTa with XLM-R and e5, ELECTRA, and DistilBERT: one encoder, four sets of names.

catalogue  lm-bert adapt-hf-auto
"""

from __future__ import annotations

from mulle.nn.module import Module
from mulle.nn.pretrained.architecture import Architecture
from mulle.nn.pretrained.config import Config
from mulle.nn.pretrained.encoder import TextClassifier, TextEncoder

_CLASSIFIES = "ForSequenceClassification"

_BODY = {
    "tokens": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "types": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
    "project": "embeddings_project",
    "blocks.{i}.attention.query": "encoder.layer.{i}.attention.self.query",
    "blocks.{i}.attention.key": "encoder.layer.{i}.attention.self.key",
    "blocks.{i}.attention.value": "encoder.layer.{i}.attention.self.value",
    "blocks.{i}.attention.out": "encoder.layer.{i}.attention.output.dense",
    "blocks.{i}.norm1": "encoder.layer.{i}.attention.output.LayerNorm",
    "blocks.{i}.linear1": "encoder.layer.{i}.intermediate.dense",
    "blocks.{i}.linear2": "encoder.layer.{i}.output.dense",
    "blocks.{i}.norm2": "encoder.layer.{i}.output.LayerNorm",
}
_DISTILBERT = {
    "tokens": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "norm": "embeddings.LayerNorm",
    "blocks.{i}.attention.query": "transformer.layer.{i}.attention.q_lin",
    "blocks.{i}.attention.key": "transformer.layer.{i}.attention.k_lin",
    "blocks.{i}.attention.value": "transformer.layer.{i}.attention.v_lin",
    "blocks.{i}.attention.out": "transformer.layer.{i}.attention.out_lin",
    "blocks.{i}.norm1": "transformer.layer.{i}.sa_layer_norm",
    "blocks.{i}.linear1": "transformer.layer.{i}.ffn.lin1",
    "blocks.{i}.linear2": "transformer.layer.{i}.ffn.lin2",
    "blocks.{i}.norm2": "transformer.layer.{i}.output_layer_norm",
}


def _names(body: dict[str, str], dense: str, out: str) -> dict[str, str]:
    """Return the names of a body, alone and within a classifier, and those of the head."""
    within = {f"encoder.{ours}": theirs for ours, theirs in body.items()}
    return body | within | {"dense": dense, "out": out}


def _body(config: Config, *, first_position: int = 0) -> TextEncoder:
    config.expect("position_embedding_type", "absolute")
    config.expect("is_decoder", False)
    config.expect("add_cross_attention", False)
    width = config.number("hidden_size")
    return TextEncoder(
        config.number("vocab_size"),
        width=width,
        heads=config.number("num_attention_heads"),
        layers=config.number("num_hidden_layers"),
        hidden=config.number("intermediate_size"),
        positions=config.number("max_position_embeddings"),
        first_position=first_position,
        types=config.number("type_vocab_size", 2),
        embedding_width=config.number("embedding_size", width),
        activation=config.activation("hidden_act"),
        eps=config.real("layer_norm_eps", 1e-12),
        dropout=config.real("hidden_dropout_prob", 0.1),
    )


def _with_head(config: Config, encoder: TextEncoder, activation: str) -> Module:
    """Return the encoder, with the head of a classifier where one was saved."""
    if not config.network.endswith(_CLASSIFIES):
        return encoder
    labels = len(config.labels())
    return TextClassifier(encoder, labels, activation=activation)


def _bert(config: Config) -> Module:
    return _with_head(config, _body(config), "tanh")


def _roberta(config: Config) -> Module:
    first = config.number("pad_token_id", 1) + 1
    return _with_head(config, _body(config, first_position=first), "tanh")


def _electra(config: Config) -> Module:
    return _with_head(config, _body(config), "gelu")


def _distilbert(config: Config) -> Module:
    config.expect("sinusoidal_pos_embds", False, True)  # stored as a table either way
    encoder = TextEncoder(
        config.number("vocab_size"),
        width=config.number("dim"),
        heads=config.number("n_heads"),
        layers=config.number("n_layers"),
        hidden=config.number("hidden_dim"),
        positions=config.number("max_position_embeddings"),
        types=0,
        activation=config.activation("activation"),
        dropout=config.real("dropout", 0.1),
    )
    return _with_head(config, encoder, "relu")


BERT = Architecture(
    "BERT",
    "text encoder",
    _bert,
    _names(_BODY, "pooler.dense", "classifier"),
    ("bert.", ""),
)
ROBERTA = Architecture(
    "RoBERTa",
    "text encoder",
    _roberta,
    _names(_BODY, "classifier.dense", "classifier.out_proj"),
    ("roberta.", ""),
)
ELECTRA = Architecture(
    "ELECTRA",
    "text encoder",
    _electra,
    _names(_BODY, "classifier.dense", "classifier.out_proj"),
    ("electra.", ""),
)
DISTILBERT = Architecture(
    "DistilBERT",
    "text encoder",
    _distilbert,
    _names(_DISTILBERT, "pre_classifier", "classifier"),
    ("distilbert.", ""),
)
