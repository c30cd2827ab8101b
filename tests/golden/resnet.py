# SPDX-License-Identifier: MIT
"""The residual networks of WGAN-GP and SNGAN under the names of PyTorch's mimicry, for all sizes and norms. The
order of operations is the papers': an image is doubled, then the shortcut's convolution runs; that
runs, then pixels are averaged. Upsampling repeats pixels."""
import torch.nn.functional as F
from torch import nn

import tutorial
from attention import SelfAttention2d


def widths(size, features):
    """Of the tutorial's networks, and one level more."""
    inner, c = tutorial.widths(size, features)
    return inner, c + [features * min(2 ** len(c), 16)]


def attend(net, side, at, channels, wrap):
    """What follows a block whose image has that side."""
    if side == at:
        net.attn = wrap(SelfAttention2d(channels))
    return ["attn"] if side == at else []


def up(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


class BlockG(nn.Module):
    def __init__(self, cin, cout, norm, wrap):
        super().__init__()
        self.b1, self.b2 = norm(cin), norm(cout)
        self.c1 = wrap(nn.Conv2d(cin, cout, 3, 1, 1))
        self.c2 = wrap(nn.Conv2d(cout, cout, 3, 1, 1))
        self.c_sc = wrap(nn.Conv2d(cin, cout, 1))

    def forward(self, x):
        h = self.c1(up(F.relu(self.b1(x))))
        return self.c2(F.relu(self.b2(h))) + self.c_sc(up(x))


class Generator(nn.Module):
    def __init__(self, size, nz, ngf, nc, norm="batch", spectral=False, attention=0):
        super().__init__()
        self.inner, c = widths(size, ngf)
        wrap, make, n = tutorial.wrapper(spectral), tutorial.norm_layer(norm), len(c)
        self.l1 = wrap(nn.Linear(nz, self.inner**2 * c[-1]))
        self.middle, side = [], self.inner
        for i in range(2, n + 1):
            side *= 2
            setattr(self, f"block{i}", BlockG(c[n + 1 - i], c[n - i], make, wrap))
            self.middle += [f"block{i}"] + attend(self, side, attention, c[n - i], wrap)
        self.last = (f"b{n + 1}", f"c{n + 1}")
        setattr(self, self.last[0], make(ngf))
        setattr(self, self.last[1], wrap(nn.Conv2d(ngf, nc, 3, 1, 1)))

    def forward(self, z):
        h = self.l1(z).reshape(z.shape[0], -1, self.inner, self.inner)
        for name in self.middle:
            h = getattr(self, name)(h)
        norm, conv = (getattr(self, name) for name in self.last)
        return conv(F.relu(norm(h))).tanh()


class FirstBlockD(nn.Module):
    """Of the image: no activation before it."""

    def __init__(self, cin, cout, wrap):
        super().__init__()
        self.c1 = wrap(nn.Conv2d(cin, cout, 3, 1, 1))
        self.c2 = wrap(nn.Conv2d(cout, cout, 3, 1, 1))
        self.c_sc = wrap(nn.Conv2d(cin, cout, 1))

    def forward(self, x):
        h = F.avg_pool2d(self.c2(F.relu(self.c1(x))), 2)
        return h + self.c_sc(F.avg_pool2d(x, 2))


class BlockD(nn.Module):
    def __init__(self, cin, cout, norm, wrap, down):
        super().__init__()
        self.b1, self.b2, self.down = norm(cin), norm(cin), down
        self.c1 = wrap(nn.Conv2d(cin, cin, 3, 1, 1))
        self.c2 = wrap(nn.Conv2d(cin, cout, 3, 1, 1))
        self.c_sc = wrap(nn.Conv2d(cin, cout, 1)) if down or cin != cout else nn.Identity()

    def forward(self, x):
        h = self.c1(F.relu(self.b1(x)))
        h = self.c2(F.relu(self.b2(h)))
        shortcut = self.c_sc(x)
        return F.avg_pool2d(h, 2) + F.avg_pool2d(shortcut, 2) if self.down else h + shortcut


class Discriminator(nn.Module):
    def __init__(self, size, ndf, nc, norm="none", spectral=False, stddev=0, pack=1, attention=0):
        super().__init__()
        inner, c = widths(size, ndf)
        wrap, make, n = tutorial.wrapper(spectral), tutorial.norm_layer(norm), len(c)
        keeps = n - 1 >= 5 or inner % 2
        self.pack, side = pack, size // 2
        self.block1 = FirstBlockD(pack * nc, ndf, wrap)
        self.order = ["block1"] + attend(self, side, attention, ndf, wrap)
        for i in range(1, n):
            down = i < n - 1 or not keeps
            setattr(self, f"block{i + 1}", BlockD(c[i - 1], c[i], make, wrap, down))
            side = side // 2 if down else side
            self.order += [f"block{i + 1}"]
            self.order += attend(self, side, attention if down else 0, c[i], wrap)
        self.stddev = tutorial.MinibatchStddev(stddev) if stddev else nn.Identity()
        self.last = f"l{n + 1}"
        setattr(self, self.last, wrap(nn.Linear(c[-1] + (stddev > 0), 1)))

    def forward(self, x):
        h = tutorial.packed(x, self.pack)
        for name in self.order:
            h = getattr(self, name)(h)
        h = self.stddev(F.relu(h)).sum((2, 3))
        return getattr(self, self.last)(h).flatten()
