"""Networks of the field, each a short file, in NumPy, PyTorch and ONNX alike."""

from mulle.nn.networks.autoencoders import (
    Autoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    UndercompleteAutoencoder,
    VariationalAutoencoder,
)
from mulle.nn.networks.bert import BERT
from mulle.nn.networks.boltzmann import RestrictedBoltzmannMachine
from mulle.nn.networks.characters import CharTokenizer
from mulle.nn.networks.cnn import CNN
from mulle.nn.networks.decoding import beam_search, generate
from mulle.nn.networks.gans import (
    ACGAN,
    DCGAN,
    GAN,
    LSGAN,
    ConditionalGAN,
    DenseGAN,
    Pix2Pix,
    SemiSupervisedGAN,
    spectral_norm,
    train_gan,
)
from mulle.nn.networks.gpt import GPT
from mulle.nn.networks.masking import mask_tokens, sentence_pairs
from mulle.nn.networks.mlp import MLP
from mulle.nn.networks.perceptron import Perceptron
from mulle.nn.networks.realmlp import RealMLP
from mulle.nn.networks.rnn import SequenceClassifier, SequenceTagger
from mulle.nn.networks.seq2seq import Seq2Seq
from mulle.nn.networks.text_cnn import TextCNN
from mulle.nn.networks.transformer import TranslationTransformer

__all__ = [
    "ACGAN",
    "BERT",
    "CNN",
    "DCGAN",
    "GAN",
    "GPT",
    "LSGAN",
    "MLP",
    "Autoencoder",
    "CharTokenizer",
    "ConditionalGAN",
    "DenoisingAutoencoder",
    "DenseGAN",
    "Perceptron",
    "Pix2Pix",
    "RealMLP",
    "RestrictedBoltzmannMachine",
    "SemiSupervisedGAN",
    "Seq2Seq",
    "SequenceClassifier",
    "SequenceTagger",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "TextCNN",
    "TranslationTransformer",
    "UndercompleteAutoencoder",
    "VariationalAutoencoder",
    "beam_search",
    "generate",
    "mask_tokens",
    "sentence_pairs",
    "spectral_norm",
    "train_gan",
]
