# SPDX-License-Identifier: MIT
"""Trains each case in PyTorch, in double, from what dump.c wrote, and writes what came of it to
expected_<case>.safetensors. Part of make.sh. usage: make.py INPUTS_DIR OUT_DIR"""
import glob
import os
import sys

import numpy
import torch
import torch.nn.functional as F

import safetensors
import tutorial

# The papers' settings, kept apart from the library's own table; a case may override them.
OPTIMIZERS = {
    "standard": lambda p: torch.optim.Adam(p, lr=2e-4, betas=(0.5, 0.999)),
    "wgan": lambda p: torch.optim.RMSprop(p, lr=5e-5, alpha=0.99),
    "wgan-gp": lambda p: torch.optim.Adam(p, lr=1e-4, betas=(0, 0.9)),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.5),
}


class Case:
    def __init__(self, folder, name):
        init, self.set = safetensors.read(f"{folder}/init_{name}.safetensors")
        raw, _ = safetensors.read(f"{folder}/inputs_{name}.safetensors")
        self.init = init
        self.x = {k: torch.from_numpy(v) for k, v in raw.items()}
        self.x["real"] = self.x["real"].permute(0, 1, 4, 2, 3).contiguous()
        self.g, self.d = networks(self.set)
        self.loss = self.set["loss"]
        kind = "sgd" if self.set["optimizer"] == "sgd" else self.loss
        for net, prefix in ((self.g, "init.g."), (self.d, "init.d.")):
            names = {k[len(prefix) :]: v for k, v in init.items() if k.startswith(prefix)}
            net.load_state_dict({k: torch.from_numpy(v) for k, v in names.items()}, strict=True)
        self.opt_g = OPTIMIZERS[kind](self.g.parameters())
        self.opt_d = OPTIMIZERS[kind](self.d.parameters())
        self.out = dict(init)


def networks(s):
    sides = [int(n) for n in s["size"].split("x")]
    h, w = sides[0], sides[-1]
    nz, f, c = int(s["nz"]), int(s["width"]), int(s["channels"])
    norm_d = "none" if s["loss"] == "wgan-gp" and s["norm-d"] == "auto" else s["norm-d"]
    if s["arch"] == "mlp":
        g = tutorial.GeneratorMlp(h, w, nz, f, c, s["norm-g"])
        return g.double(), tutorial.DiscriminatorMlp(h, w, f, c, norm_d).double()
    g = tutorial.Generator(h, nz, f, c, s["norm-g"])
    return g.double(), tutorial.Discriminator(h, f, c, norm_d).double()


# --- losses ---


def cross_entropy(scores, target):
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))


def penalty(d, real, fake, uniform):
    e = uniform.reshape(-1, 1, 1, 1)
    x = (real + e * (fake - real)).requires_grad_(True)
    (gx,) = torch.autograd.grad(d(x).sum(), x, create_graph=True)
    return 10 * ((gx.flatten(1).norm(2, dim=1) - 1) ** 2).mean()


def loss_d(case, real, fake, uniform):
    score_real = case.d(real)
    score_fake = case.d(fake)
    if case.loss == "standard":
        target = 0.9 if case.set["smooth"] == "0.1" else 1.0
        return cross_entropy(score_real, target) + cross_entropy(score_fake, 0.0)
    loss = score_fake.mean() - score_real.mean()
    return loss + penalty(case.d, real, fake, uniform) if case.loss == "wgan-gp" else loss


def loss_g(case, images):
    scores = case.d(images)
    if case.loss != "standard":
        return -scores.mean()
    if case.set["saturating"] == "true":
        return -cross_entropy(scores, 0.0)
    return cross_entropy(scores, 1.0)


# --- training ---


def keep_gradients(case, net, prefix):
    for name, p in net.named_parameters():
        case.out.setdefault(f"{prefix}.{name}", p.grad.numpy().copy())


def step_d(case, update):
    fake = case.g(case.x["noise_d"][update])
    real, uniform = case.x["real"][update], case.x["uniform"][update]
    case.d.zero_grad()
    loss = loss_d(case, real, fake.detach(), uniform)
    loss.backward()
    keep_gradients(case, case.d, "grad.d")
    case.opt_d.step()
    if case.loss == "wgan":
        clip = float(case.set["clip"])
        with torch.no_grad():
            for p in case.d.parameters():
                p.clamp_(-clip, clip)
    return loss.item(), fake


def step_g(case, step, fake):
    case.g.zero_grad()
    images = fake if case.loss == "standard" else case.g(case.x["noise_g"][step])
    loss = loss_g(case, images)
    loss.backward()
    keep_gradients(case, case.g, "grad.g")
    case.opt_g.step()
    return loss.item()


def train(case):
    n_critic = int(case.set["n-critic"])
    steps = case.x["noise_g"].shape[0]
    losses_d, losses_g = [], []
    for step in range(steps):
        sum_d = 0
        for i in range(n_critic):
            loss, fake = step_d(case, step * n_critic + i)
            sum_d += loss
        losses_d.append(sum_d / n_critic)
        losses_g.append(step_g(case, step, fake))
    case.out["d_loss"], case.out["g_loss"] = numpy.array(losses_d), numpy.array(losses_g)


def finish(case):
    for net, prefix in ((case.g, "final.g"), (case.d, "final.d")):
        for name, value in net.state_dict().items():
            case.out[f"{prefix}.{name}"] = value.detach().numpy().copy()
    case.g.eval()
    with torch.no_grad():
        case.out["z"] = case.x["z"].numpy()
        case.out["images"] = case.g(case.x["z"]).numpy()


def main(inputs, out):
    torch.set_num_threads(1)
    for path in sorted(glob.glob(f"{inputs}/init_*.safetensors")):
        name = os.path.basename(path)[len("init_") : -len(".safetensors")]
        case = Case(inputs, name)
        train(case)
        finish(case)
        target = f"{out}/expected_{name}.safetensors"
        safetensors.write(target, case.out, {"torch": torch.__version__})
        print(f"{name}: d_loss {case.out['d_loss'][-1]:.6f} g_loss {case.out['g_loss'][-1]:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
