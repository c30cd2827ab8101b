# SPDX-License-Identifier: MIT
"""TransGAN's networks (arXiv:2102.07074) as libgan has them: nn.MultiheadAttention in blocks with norms first,
windows of 16 from images of 32 on. Tokens are images [N,H,W,C] between the blocks."""
import torch
import torch.nn.functional as F
from torch import nn

from attention import MultiHead

WINDOW = 16


def cut(x, side):
    """[N,H,W,C] to [windows,tokens,C]."""
    n, h, w, c = x.shape
    x = x.reshape(n, h // side, side, w // side, side, c).transpose(2, 3)
    return x.reshape(-1, side * side, c)


def join(x, side, shape):
    n, h, w, c = shape
    x = x.reshape(n, h // side, w // side, side, side, c).transpose(2, 3)
    return x.reshape(shape)


class Block(nn.Module):
    def __init__(self, embed, side):
        super().__init__()
        self.windows = side >= 2 * WINDOW
        self.norm1, self.norm2 = nn.LayerNorm(embed), nn.LayerNorm(embed)
        self.attn = MultiHead(embed, 1 if embed % 4 else 4, batch_first=True)
        linear = {"fc1": nn.Linear(embed, 4 * embed), "fc2": nn.Linear(4 * embed, embed)}
        self.mlp = nn.ModuleDict(linear)

    def attend(self, x):
        if self.windows:
            return join(self.attn(cut(x, WINDOW)), WINDOW, x.shape)
        return self.attn(x.flatten(1, 2)).reshape(x.shape)

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


def blocks(count, embed, side):
    return nn.Sequential(*[Block(embed, side) for _ in range(count)])


class Position(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return x + self.weight


class Generator(nn.Module):
    def __init__(self, size, nz, features, nc, depth=0):
        super().__init__()
        sides = [s for s in (8, 16, 32, 64, 128) if s <= size]
        embed = features * 4 ** (len(sides) - 1)
        self.l1, self.embed, self.stages = nn.Linear(nz, 64 * embed), embed, len(sides)
        for i, side in enumerate(sides):
            count = depth or (5, 4, 2, 2, 2)[i]
            setattr(self, f"pos{i + 1}", Position(side, side, embed // 4**i))
            setattr(self, f"blocks{i + 1}", blocks(count, embed // 4**i, side))
        self.to_rgb = nn.Conv2d(features, nc, 1)

    def forward(self, z):
        x = self.l1(z).reshape(-1, self.embed, 8, 8).permute(0, 2, 3, 1)
        for i in range(1, self.stages + 1):
            x = getattr(self, f"blocks{i}")(getattr(self, f"pos{i}")(x))
            if i < self.stages:
                x = F.pixel_shuffle(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
        return self.to_rgb(x.permute(0, 3, 1, 2)).tanh()


class Stage(nn.Module):
    def __init__(self, side, embed, depth):
        super().__init__()
        self.pos, self.blocks = Position(side, side, embed), blocks(depth, embed, side)

    def forward(self, x):
        return self.blocks(self.pos(x))


class Scales(nn.Module):
    """Patches of three sizes: 16x16, 8x8 and 4x4 tokens."""

    def __init__(self, size, features, nc, depth):
        super().__init__()
        for i, (side, embed) in enumerate([(16, 4), (8, 8), (4, 16)]):
            patch, own = size // side, features * (embed // 2 if i else embed)
            setattr(self, f"patch{i + 1}", nn.Conv2d(nc, own, patch, patch))
            setattr(self, f"stage{i + 1}", Stage(side, features * embed, depth))

    def patches(self, i, x):
        return getattr(self, f"patch{i}")(x).permute(0, 2, 3, 1)

    def forward(self, x):
        y = self.stage1(self.patches(1, x))
        for i, stage in ((2, self.stage2), (3, self.stage3)):
            y = F.avg_pool2d(y.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
            y = stage(torch.cat([y, self.patches(i, x)], dim=3))
        return y


class Discriminator(nn.Module):
    def __init__(self, size, features, nc, depth=0):
        super().__init__()
        embed = 16 * features
        self.scales = Scales(size, features, nc, depth or 3)
        self.cls_token = Position(embed)
        self.last, self.norm = blocks(1, embed, 1), nn.LayerNorm(embed)
        self.head = nn.Linear(embed, 1)

    def forward(self, x):
        x = self.scales(x).flatten(1, 2)
        own = self.cls_token(torch.zeros_like(x[:, :1]))
        x = self.last(torch.cat([own, x], dim=1)[:, None])
        return self.head(self.norm(x[:, 0, 0])).flatten()
