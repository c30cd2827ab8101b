# SPDX-License-Identifier: MIT
"""Networks that take labels: what surrounds a network, and batch norms whose scale and shift go by class.
give() shows the labels of a batch to all of them; forward() takes what it took without labels."""
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class ConditionalBatchNorm(nn.BatchNorm2d):
    """arXiv:1610.07629, for [N,C,H,W] and [N,C]."""

    def __init__(self, classes, channels):
        super().__init__(channels, affine=False)
        self.gamma, self.beta = nn.Embedding(classes, channels), nn.Embedding(classes, channels)
        self.labels = None

    def _check_input_dim(self, x):
        assert x.dim() in (2, 4)

    def forward(self, x):
        shape = list(x.shape[:2]) + [1] * (x.dim() - 2)
        gamma, beta = (table(self.labels).reshape(shape) for table in (self.gamma, self.beta))
        return gamma * super().forward(x) + beta


class Around(nn.Module):
    """A network inside, under the name main; where all of it is a sequence main, it is not named twice."""

    def __init__(self, inner):
        super().__init__()
        self.inner = [inner]  # in a list it is no child
        self.main, self.labels = getattr(inner, "main", inner), None

    def run(self, x):
        return self.inner[0](x)


class ConcatVector(Around):
    def __init__(self, inner, classes, features):
        super().__init__(inner)
        self.embed = nn.Embedding(classes, features)

    def forward(self, z):
        return self.run(torch.cat([z, self.embed(self.labels)], dim=1))


class ConcatPlane(Around):
    def __init__(self, inner, classes, height, width):
        super().__init__(inner)
        self.embed = nn.Embedding(classes, height * width)

    def forward(self, x):
        plane = self.embed(self.labels).reshape(x.shape[0], 1, *x.shape[2:])
        return self.run(torch.cat([x, plane], dim=1))


def last_layer(net):
    return [m for m in net.modules() if isinstance(m, (nn.Linear, nn.Conv2d))][-1]


def keep_features(net):
    """From now on a pass leaves what the last layer reads in net.last_input. Returns its size; a convolution's
    kernel is as large as its image."""

    def keep(_, inputs):
        net.last_input = inputs[0]

    last = last_layer(net)
    last.register_forward_pre_hook(keep)
    return last.weight[0].numel()


class Projection(Around):
    """arXiv:1802.05637, but of all pixels instead of their sum."""

    def __init__(self, inner, classes, spectral):
        super().__init__(inner)
        embed = nn.Embedding(classes, keep_features(inner))
        self.embed = spectral_norm(embed) if spectral else embed

    def forward(self, x):
        scores = self.run(x)
        return scores + (self.embed(self.labels) * self.inner[0].last_input.flatten(1)).sum(1)


class Classifier(Around):
    """arXiv:1610.09585. A pass leaves the logits of the classes behind."""

    def __init__(self, inner, classes, spectral):
        super().__init__(inner)
        head = nn.Linear(keep_features(inner), classes)
        self.classes, self.logits = spectral_norm(head) if spectral else head, None

    def forward(self, x):
        scores = self.run(x)
        self.logits = self.classes(self.inner[0].last_input.flatten(1))
        return scores


def give(labels, *nets):
    for net in nets:
        for m in net.modules():
            if hasattr(m, "labels"):
                m.labels = labels
