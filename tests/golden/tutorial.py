# SPDX-License-Identifier: MIT
"""The networks of PyTorch's DCGAN tutorial.

Generator64 and Discriminator64 are the tutorial's own layers, one by one. Generator and
Discriminator are the same for other sizes and norms; at 64 they have the same state_dict."""
from torch import nn


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


def hidden(norm, channels, activation, norms=NORMS):
    make = norms[norm]
    return ([make(channels)] if make else []) + [activation]


class Generator(nn.Module):
    def __init__(self, size, nz, ngf, nc, norm="batch"):
        super().__init__()
        inner, c = widths(size, ngf)
        layers = [nn.ConvTranspose2d(nz, c[-1], inner, 1, 0, bias=False)]
        for i in range(len(c) - 1, 0, -1):
            layers += hidden(norm, c[i], nn.ReLU())
            layers += [nn.ConvTranspose2d(c[i], c[i - 1], 4, 2, 1, bias=False)]
        layers += hidden(norm, c[0], nn.ReLU())
        layers += [nn.ConvTranspose2d(c[0], nc, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, z):
        return self.main(z.reshape(z.shape[0], -1, 1, 1))


class Discriminator(nn.Module):
    """Without the sigmoid: its losses take logits."""

    def __init__(self, size, ndf, nc, norm="batch"):
        super().__init__()
        inner, c = widths(size, ndf)
        layers = [nn.Conv2d(nc, c[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        for a, b in zip(c, c[1:]):
            layers += [nn.Conv2d(a, b, 4, 2, 1, bias=False)] + hidden(norm, b, nn.LeakyReLU(0.2))
        layers += [nn.Conv2d(c[-1], 1, inner, 1, 0, bias=False)]
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return self.main(x).flatten()


# --- fully connected ---

NORMS_1D = dict(NORMS, auto=nn.BatchNorm1d, batch=nn.BatchNorm1d)


class GeneratorMlp(nn.Module):
    def __init__(self, height, width, nz, features, nc, norm):
        super().__init__()
        layers, n = [], nz
        for m in (4 * features, 8 * features, 16 * features):
            layers += [nn.Linear(n, m)] + hidden(norm, m, nn.LeakyReLU(0.2), NORMS_1D)
            n = m
        layers += [nn.Linear(n, nc * height * width), nn.Tanh()]
        layers += [nn.Unflatten(1, (nc, height, width))]
        self.main = nn.Sequential(*layers)

    def forward(self, z):
        return self.main(z)


class DiscriminatorMlp(nn.Module):
    def __init__(self, height, width, features, nc, norm):
        super().__init__()
        layers, n = [nn.Flatten()], nc * height * width
        for m in (8 * features, 4 * features):
            layers += [nn.Linear(n, m)]
            layers += hidden("none" if norm == "auto" else norm, m, nn.LeakyReLU(0.2), NORMS_1D)
            n = m
        self.main = nn.Sequential(*layers, nn.Linear(n, 1))

    def forward(self, x):
        return self.main(x).flatten()
