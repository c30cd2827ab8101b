# SPDX-License-Identifier: MIT
"""Trains each case in PyTorch, in double, from what dump.c wrote, and writes what came of it to
expected_<case>.safetensors. Part of make.sh. usage: make.py INPUTS_DIR OUT_DIR [CASE...]"""
import glob
import os
import sys

import numpy
import torch
import torch.nn.functional as F

import conditions
import safetensors
import schedules
from networks import iterate, networks

# The papers' settings, kept apart from the library's own table; a case may override them.
RECIPES = {  # optimizer, rate, betas (of RMSprop the second is alpha), penalty
    "standard": ("adam", "2e-4", (0.5, 0.999), "none"),
    "lsgan": ("adam", "2e-4", (0.5, 0.999), "none"),
    "hinge": ("adam", "2e-4", (0.0, 0.9), "none"),
    "relativistic": ("adam", "2e-4", (0.0, 0.99), "r1:1+r2:1"),
    "wgan": ("rmsprop", "5e-5", (0.0, 0.99), "none"),
    "wgan-gp": ("adam", "1e-4", (0.0, 0.9), "gp:10"),
}
FRESH_NOISE = ("hinge", "relativistic", "wgan", "wgan-gp")


class Case:
    def __init__(self, folder, name):
        init, self.set = safetensors.read(f"{folder}/init_{name}.safetensors")
        raw, _ = safetensors.read(f"{folder}/inputs_{name}.safetensors")
        self.x = {k: torch.from_numpy(v) for k, v in raw.items()}
        for k, x in self.x.items():  # images
            if x.dim() >= 4:
                self.x[k] = x.movedim(-1, -3).contiguous()
        self.labels = self.x["labels"].long()
        self.loss = self.set["loss"]
        self.penalties = weighted(self.set.get("case.penalty", RECIPES[self.loss][3]))
        self.terms = weighted(self.set["add"])
        self.adversarial = schedules.function(self.set["adversarial"])
        self.smooth = schedules.function(self.set["smooth"])
        self.noise = schedules.function(self.set["noise"])
        self.seeking = schedules.function(self.set["mode-seeking"])
        self.classify = schedules.function(self.set["classify"])
        self.g, self.d = networks(self.set, any(name != "drift" for name, _ in self.penalties))
        if "perceptual" in dict(self.terms):
            conditions.keep_features(self.d)
        for net, prefix in ((self.g, "init.g."), (self.d, "init.d.")):
            names = {k[len(prefix) :]: v for k, v in init.items() if k.startswith(prefix)}
            net.load_state_dict({k: torch.from_numpy(v) for k, v in names.items()}, strict=True)
        self.opt_g, self.rate_g = self.optimizer(self.g, "lr-g")
        self.opt_d, self.rate_d = self.optimizer(self.d, "lr-d")
        self.out = dict(init)

    def optimizer(self, net, lr):
        """The optimizer and the scheduler of its rate."""
        kind, rate, betas, _ = RECIPES[self.loss]
        kind, text = self.set.get("case.optimizer", kind), self.set.get(f"case.{lr}", rate)
        first = schedules.start(text)
        if kind == "sgd":
            opt = torch.optim.SGD(net.parameters(), lr=first, momentum=betas[0])
        elif kind == "rmsprop":
            opt = torch.optim.RMSprop(net.parameters(), lr=first, alpha=betas[1])
        else:
            decay = float(self.set.get("case.weight-decay", "0"))
            groups = [
                {"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": decay},
                {"params": [p for p in net.parameters() if p.dim() <= 1], "weight_decay": 0},
            ]
            opt = torch.optim.AdamW([g for g in groups if g["params"]], lr=first, betas=betas)
        return opt, schedules.scheduler(opt, text)


def weighted(text):
    """[(name, its weight as a function of the step), ...]"""
    parts = [part.split(":") for part in text.split("+") if text != "none"]
    return [(name, schedules.function(weight)) for name, weight in parts]


# --- losses ---


def cross_entropy(scores, target):
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))


def objective_d(case, real, fake, step):
    target = 1.0 - case.smooth(step)
    if case.loss == "standard":
        return cross_entropy(real, target) + cross_entropy(fake, 0.0)
    if case.loss == "lsgan":
        return 0.5 * F.mse_loss(real, torch.full_like(real, target)) + 0.5 * fake.square().mean()
    if case.loss == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if case.loss == "relativistic":
        return F.softplus(-(real - fake)).mean()
    return fake.mean() - real.mean()


def objective_g(case, real, fake):
    if case.loss == "standard" and case.set["saturating"] == "true":
        return -cross_entropy(fake, 0.0)
    if case.loss == "standard":
        return cross_entropy(fake, 1.0)
    if case.loss == "lsgan":
        return 0.5 * F.mse_loss(fake, torch.ones_like(fake))
    if case.loss == "relativistic":
        return F.softplus(-(fake - real)).mean()
    return -fake.mean()


def points(case, name, i, update, real, fake):
    if name in ("r1", "r2"):
        return real if name == "r1" else fake
    pack = int(case.set["pack"])
    e = case.x["e"][update, i, : real.shape[0] // pack].repeat_interleave(pack).reshape(-1, 1, 1, 1)
    if name in ("gp", "gp0"):
        return real + e * (fake - real)
    return real + e * 0.5 * real.std(unbiased=False) * case.x["u"][update]


def penalty(case, name, i, update, real, fake, score_real):
    if name == "drift":
        return score_real.square().mean()
    x = points(case, name, i, update, real, fake).detach().requires_grad_(True)
    scores = case.d(x)
    (gx,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    gx = gx.reshape(scores.numel(), -1)
    if name in ("gp", "dragan"):
        return ((gx.norm(2, dim=1) - 1) ** 2).mean()
    return gx.square().sum(1).mean() * (0.5 if name in ("r1", "r2") else 1)


def penalised(case, loss, update, step, *images_and_scores):
    for i, (name, weight) in enumerate(case.penalties):
        every = 1 if name == "drift" else int(case.set["penalty-every"])
        if update % every == 0 and weight(step) > 0:
            loss = loss + weight(step) * every * penalty(case, name, i, update, *images_and_scores)
    return loss


def seen(case, source, x):
    """Translations are judged beside what they were made of."""
    return torch.cat([source, x], 1) if case.set["task"] == "translate" else x


def judge(case, x, blur, step):
    """Scores, and logits of the classes or None."""
    deviation = case.noise(step)
    scores = case.d(x + deviation * blur if deviation > 0 else x)
    return scores, getattr(case.d, "logits", None)


def classified(case, loss, step, labels, *logits):
    for part in logits:
        if part is not None:
            loss = loss + case.classify(step) * F.cross_entropy(part, labels)
    return loss


def term(name, images, target, features):
    if name == "perceptual":
        return (features["images"] - features["target"].detach()).abs().mean()
    difference = images - target
    if name == "charbonnier":
        return (difference.square() + 1e-6).sqrt().mean()
    return difference.abs().mean() if name == "l1" else difference.square().mean()


def mode_seeking(images, z):
    n = images.shape[0] // 2
    distance = (images[:n] - images[n : 2 * n]).abs().mean() / (z[:n] - z[n : 2 * n]).abs().mean()
    return 1 / (distance + 1e-5)


# --- training ---


def keep_gradients(case, net, prefix):
    for name, p in net.named_parameters():
        case.out.setdefault(f"{prefix}.{name}", p.grad.numpy().copy())


def step_d(case, update, step):
    iterate(case.d)
    labels = case.labels[update]
    conditions.give(labels, case.g, case.d)
    z, blur = case.x["input_d"][update], case.x["blur_d"][update]
    images, n = case.g(z), z.shape[0]
    real, fake = (seen(case, z, x) for x in (case.x["real"][update], images.detach()))
    case.d.zero_grad()
    score_real, classes_real = judge(case, real, blur[:n], step)
    score_fake, classes_fake = judge(case, fake, blur[n:], step)
    loss = objective_d(case, score_real, score_fake, step)
    loss = classified(case, loss, step, labels, classes_real, classes_fake)
    loss = penalised(case, loss, update, step, real, fake, score_real)
    loss.backward()
    keep_gradients(case, case.d, "grad.d")
    case.opt_d.step()
    if case.loss == "wgan":
        clip = float(case.set["clip"])
        with torch.no_grad():
            for p in case.d.parameters():
                p.clamp_(-clip, clip)
    return loss.item(), images


def objective_of_images(case, step, images, z, labels):
    """All of G's loss that D has a part in, and the features for the term that compares them. Generated images
    have the classes of the real ones that D saw last."""
    real, blur, n = case.x["real_g"][step], case.x["blur_g"][step], images.shape[0]
    score_real, features = None, {}
    if case.loss == "relativistic" or "perceptual" in dict(case.terms):
        score_real, _ = judge(case, seen(case, z, real), blur[:n], step)
        features["target"] = getattr(case.d, "last_input", None)
    score_fake, classes_fake = judge(case, seen(case, z, images), blur[n:], step)
    features["images"] = getattr(case.d, "last_input", None)
    loss = objective_g(case, score_real, score_fake)
    return case.adversarial(step) * classified(case, loss, step, labels, classes_fake), features


def step_g(case, step, images, labels):
    """images None: D rests."""
    case.g.zero_grad()
    z, loss, features = case.x["input_g"][step], 0, {}
    rests = images is None
    if case.loss in FRESH_NOISE or rests:
        images = case.g(z)
    if not rests:
        loss, features = objective_of_images(case, step, images, z, labels)
    if case.seeking(step) > 0:
        loss = loss + case.seeking(step) * mode_seeking(images, z)
    for name, weight in case.terms:
        if name != "perceptual" or features:
            loss = loss + weight(step) * term(name, images, case.x["real_g"][step], features)
    loss.backward()
    keep_gradients(case, case.g, "grad.g")
    case.opt_g.step()
    return loss.item()


def train(case):
    losses_d, losses_g, update = [], [], 0
    for step in range(case.x["input_g"].shape[0]):
        sum_d, images = 0, None
        n_critic = int(case.set["n-critic"]) if case.adversarial(step) > 0 else 0
        iterate(case.g)
        for _ in range(n_critic):
            loss, images = step_d(case, update, step)
            sum_d, update = sum_d + loss, update + 1
        losses_d.append(sum_d / max(1, n_critic))
        losses_g.append(step_g(case, step, images, case.labels[max(0, update - 1)]))
        case.rate_d.step()
        case.rate_g.step()
    case.out["d_loss"], case.out["g_loss"] = numpy.array(losses_d), numpy.array(losses_g)


def finish(case):
    for net, prefix in ((case.g, "final.g"), (case.d, "final.d")):
        for name, value in net.state_dict().items():
            case.out[f"{prefix}.{name}"] = value.detach().numpy().copy()
    case.g.eval()
    count = case.x["z"].shape[0]
    conditions.give(torch.arange(count) % max(1, int(case.set["classes"])), case.g)
    with torch.no_grad():
        case.out["z"] = case.x["z"].numpy()
        case.out["images"] = case.g(case.x["z"]).numpy()


def folded(tensors, sums):
    """Large tensors become sums, as cases.h has it; initial weights go."""
    out = {k: v for k, v in tensors.items() if not k.startswith("init.")}
    for name, x in out.items():
        if name.startswith(("grad.", "final.", "images")) and x.size > sums:
            rows = numpy.pad(x.ravel(), (0, -x.size % sums)).reshape(-1, sums)
            out[name] = numpy.arange(1.0, len(rows) + 1) @ rows
    return out


def main(inputs, out, *cases):
    torch.set_num_threads(1)
    for path in sorted(glob.glob(f"{inputs}/init_*.safetensors")):
        name = os.path.basename(path)[len("init_") : -len(".safetensors")]
        if cases and name not in cases:
            continue
        case = Case(inputs, name)
        train(case)
        finish(case)
        sums = int(case.set["case.sums"])
        case.out = folded(case.out, sums) if sums else case.out
        target = f"{out}/expected_{name}.safetensors"
        safetensors.write(target, case.out, {"torch": torch.__version__})
        print(f"{name}: d_loss {case.out['d_loss'][-1]:.6f} g_loss {case.out['g_loss'][-1]:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
