# SPDX-License-Identifier: MIT
"""What PyTorch makes, in double, of the layers around attention: attention.safetensors. For each layer and
input: the parameters by their names in a state_dict, x and the result y, images with channels last; the gradients
of sum(gy * y); and the gradient in x of the sum of squares of that in x. usage: attention.py OUT_DIR"""
import os
import sys

import torch
from torch import nn

import safetensors


class SelfAttention2d(nn.Module):
    """The equations of arXiv:1805.08318, written out."""

    def __init__(self, channels):
        super().__init__()
        few, half = max(1, channels // 8), max(1, channels // 2)
        self.gamma = nn.Parameter(torch.zeros(1))
        self.query = nn.Conv2d(channels, few, 1, bias=False)
        self.key = nn.Conv2d(channels, few, 1, bias=False)
        self.value = nn.Conv2d(channels, half, 1, bias=False)
        self.out = nn.Conv2d(half, channels, 1, bias=False)

    def forward(self, x):
        n, _, h, w = x.shape
        f, g, v = (conv(x).flatten(2) for conv in (self.query, self.key, self.value))
        beta = torch.softmax(f.transpose(1, 2) @ g, dim=2)  # [N, query, key]
        o = (v @ beta.transpose(1, 2)).reshape(n, -1, h, w)
        return x + self.gamma * self.out(o)


class MultiHead(nn.MultiheadAttention):
    def forward(self, x):
        return super().forward(x, x, x, need_weights=True)[0]


CASES = {
    "image": (SelfAttention2d(16), (2, 16, 3, 5)),
    "heads": (MultiHead(12, 3, batch_first=True), (2, 7, 12)),
    "one_head": (MultiHead(5, 1, batch_first=True), (3, 1, 5)),
    "norm": (nn.LayerNorm(6), (2, 4, 6)),
}


def channels_last(x):
    return x.permute(0, 2, 3, 1).contiguous() if x.dim() == 4 else x


def main(folder):
    torch.manual_seed(1)
    out = {}
    for name, (layer, shape) in CASES.items():
        layer.double()
        parameters = dict(layer.named_parameters())
        for p in parameters.values():
            p.data = torch.randn_like(p) * 0.7
        x, gy = torch.randn(shape).double().requires_grad_(), torch.randn(shape).double()
        y = layer(x)
        grads = torch.autograd.grad((y * gy).sum(), [x, *parameters.values()], create_graph=True)
        (second,) = torch.autograd.grad(grads[0].square().sum(), x)
        found = {"x": x, "gy": gy, "y": y, "grad.x": grads[0], "second.x": second}
        found = {k: channels_last(v) for k, v in found.items()}
        found.update(parameters)
        found.update({f"grad.{k}": g for k, g in zip(parameters, grads[1:])})
        out.update({f"{name}.{k}": v.detach().numpy() for k, v in found.items()})
    about = {"made_by": f"attention.py, PyTorch {torch.__version__}"}
    safetensors.write(os.path.join(folder, "attention.safetensors"), out, about)


if __name__ == "__main__":
    main(sys.argv[1])
