"""Generative adversarial networks, and the loop that trains all of them."""

from mulle.nn.networks.gans.acgan import ACGAN
from mulle.nn.networks.gans.conditional import ConditionalGAN
from mulle.nn.networks.gans.dcgan import DCGAN
from mulle.nn.networks.gans.gan import GAN, LSGAN, DenseGAN
from mulle.nn.networks.gans.losses import LEAST_SQUARES, MINIMAX, NON_SATURATING, AdversarialLoss
from mulle.nn.networks.gans.pix2pix import Pix2Pix
from mulle.nn.networks.gans.semi_supervised import SemiSupervisedGAN
from mulle.nn.networks.gans.spectral_norm import SpectralNorm, spectral_norm
from mulle.nn.networks.gans.train import train_gan

__all__ = [
    "ACGAN",
    "DCGAN",
    "GAN",
    "LEAST_SQUARES",
    "LSGAN",
    "MINIMAX",
    "NON_SATURATING",
    "AdversarialLoss",
    "ConditionalGAN",
    "DenseGAN",
    "Pix2Pix",
    "SemiSupervisedGAN",
    "SpectralNorm",
    "spectral_norm",
    "train_gan",
]
