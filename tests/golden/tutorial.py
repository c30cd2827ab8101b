# SPDX-License-Identifier: MIT
"""The networks of PyTorch's DCGAN tutorial.

Generator64 and Discriminator64 are the tutorial's own layers, one by one. Generator and
Discriminator are the same for other sizes and norms; at 64 they have the same state_dict. What the
tutorial has not, spectral norms, minibatch standard deviation, packs and self-attention at a side, is
optional. A norm is a name or a function that makes one for a number of channels."""
from collections import OrderedDict

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from attention import SelfAttention2d


class Generator64(nn.Module):
    def __init__(self, nz, ngf, nc):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z.reshape(z.shape[0], -1, 1, 1))


class Discriminator64(nn.Module):
    def __init__(self, ndf, nc):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(nc, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 4),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 4, ndf * 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.main(x).flatten()


NORMS = {
    "auto": nn.BatchNorm2d,
    "batch": nn.BatchNorm2d,
    "layer": lambda c: nn.GroupNorm(1, c),
    "instance": lambda c: nn.InstanceNorm2d(c, affine=True),
    "none": None,
}


def widths(size, features):
    """Side of the innermost image, and the channels of the levels from the image inwards."""
    inner = 7 if size == 28 else 4
    levels = (size // inner).bit_length() - 1
    return inner, [features * min(2**i, 16) for i in range(levels)]


def norm_layer(norm, norms=NORMS):
    """A function of the channels; nn.Identity is no norm."""
    return norm if callable(norm) else norms[norm] or nn.Identity


def hidden(norm, channels, activation, norms=NORMS):
    layer = norm_layer(norm, norms)(channels)
    return ([] if isinstance(layer, nn.Identity) else [layer]) + [activation]


def normalised(layer):
    """Every weight under a spectral norm."""
    weighted = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    for m in [m for m in layer.modules() if isinstance(m, weighted)]:
        spectral_norm(m)
    return layer


def wrapper(spectral):
    return normalised if spectral else lambda layer: layer


def sequential(layers, spectral):
    """By number; attention has a name."""
    attends = [isinstance(x, SelfAttention2d) for x in layers]
    names = ["attn" if attends[i] else str(i) for i in range(len(layers))]
    return wrapper(spectral)(nn.Sequential(OrderedDict(zip(names, layers))))


def attention_at(at, side, channels):
    return [SelfAttention2d(channels)] if side == at else []


class MinibatchStddev(nn.Module):
    """As in StyleGAN's code, for [N,C,H,W] and [N,C]."""

    def __init__(self, group):
        super().__init__()
        self.group = group

    def forward(self, x):
        n = x.shape[0]
        g = max(k for k in range(1, self.group + 1) if n % k == 0)
        y = x.reshape(g, n // g, -1)
        y = (y - y.mean(0)).square().mean(0)
        y = (y + 1e-8).sqrt().mean(1).repeat(g)
        y = y.reshape([n] + [1] * (x.dim() - 1)).expand([n, 1] + list(x.shape[2:]))
        return torch.cat([x, y], dim=1)


def packed(x, pack):
    """Images that follow one another become the channels of one."""
    return x.reshape(x.shape[0] // pack, pack * x.shape[1], *x.shape[2:])


class Generator(nn.Module):
    def __init__(self, size, nz, ngf, nc, norm="batch", spectral=False, attention=0):
        super().__init__()
        inner, c = widths(size, ngf)
        layers = [nn.ConvTranspose2d(nz, c[-1], inner, 1, 0, bias=False)]
        for i in range(len(c) - 1, 0, -1):
            layers += hidden(norm, c[i], nn.ReLU()) + attention_at(attention, size >> i + 1, c[i])
            layers += [nn.ConvTranspose2d(c[i], c[i - 1], 4, 2, 1, bias=False)]
        layers += hidden(norm, c[0], nn.ReLU()) + attention_at(attention, size // 2, c[0])
        layers += [nn.ConvTranspose2d(c[0], nc, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = sequential(layers, spectral)

    def forward(self, z):
        return self.main(z.reshape(z.shape[0], -1, 1, 1))


class Discriminator(nn.Module):
    """Without the sigmoid: its losses take logits."""

    def __init__(self, size, ndf, nc, norm="batch", spectral=False, stddev=0, pack=1, attention=0):
        super().__init__()
        self.pack = pack
        inner, c = widths(size, ndf)
        layers = [nn.Conv2d(pack * nc, c[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        layers += attention_at(attention, size // 2, c[0])
        for i in range(1, len(c)):
            layers += [nn.Conv2d(c[i - 1], c[i], 4, 2, 1, bias=False)]
            layers += hidden(norm, c[i], nn.LeakyReLU(0.2))
            layers += attention_at(attention, size >> i + 1, c[i])
        layers += [MinibatchStddev(stddev)] if stddev else []
        layers += [nn.Conv2d(c[-1] + (stddev > 0), 1, inner, 1, 0, bias=False)]
        self.main = sequential(layers, spectral)

    def forward(self, x):
        return self.main(packed(x, self.pack)).flatten()


# --- fully connected ---

NORMS_1D = dict(NORMS, auto=nn.BatchNorm1d, batch=nn.BatchNorm1d)


class GeneratorMlp(nn.Module):
    def __init__(self, height, width, nz, features, nc, norm, spectral=False):
        super().__init__()
        layers, n = [], nz
        for m in (4 * features, 8 * features, 16 * features):
            layers += [nn.Linear(n, m)] + hidden(norm, m, nn.LeakyReLU(0.2), NORMS_1D)
            n = m
        layers += [nn.Linear(n, nc * height * width), nn.Tanh()]
        layers += [nn.Unflatten(1, (nc, height, width))]
        self.main = sequential(layers, spectral)

    def forward(self, z):
        return self.main(z)


class DiscriminatorMlp(nn.Module):
    def __init__(self, height, width, features, nc, norm, spectral=False, stddev=0, pack=1):
        super().__init__()
        self.pack = pack
        layers, n = [nn.Flatten()], pack * nc * height * width
        for m in (8 * features, 4 * features):
            layers += [nn.Linear(n, m)]
            layers += hidden("none" if norm == "auto" else norm, m, nn.LeakyReLU(0.2), NORMS_1D)
            n = m
        layers += [MinibatchStddev(stddev)] if stddev else []
        self.main = sequential(layers + [nn.Linear(n + (stddev > 0), 1)], spectral)

    def forward(self, x):
        return self.main(packed(x, self.pack)).flatten()
