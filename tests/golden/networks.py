# SPDX-License-Identifier: MIT
"""The pair of networks that settings ask for, in double. Names in the settings are those of `gan train`."""
from torch.nn.utils.parametrizations import _SpectralNorm

import conditions
import image_nets
import resnet
import transformer
import tutorial


OF_IMAGES = ("patch", "resnet9", "srgan", "srresnet", "unet")


def arch(s, side):
    own = s[f"arch-{side}"]
    return s["arch"] if own in ("", "auto") else own


def of_images(s, side, h, w, c, norm):
    """The networks of tasks, from what a file's metadata would say."""
    scale = int(s["scale"]) if s["task"] == "superres" else 1
    m = {"arch": arch(s, side), "features": s["width"], "depth": s["depth"], "dropout": "0"}
    m.update({"height": h, "width": w, "channels": c, "norm": norm})
    m.update({"source_height": h // scale, "source_width": w // scale, "source_channels": c})
    return image_nets.network(dict(m, spectral=str(int(s[f"spectral-{side}"] == "true"))))


def generator(s, h, w, nz, norm):
    f, c = int(s["width"]), int(s["channels"])
    spectral, attention = s["spectral-g"] == "true", int(s["attention"])
    if arch(s, "g") in OF_IMAGES:
        return of_images(s, "g", h, w, c, norm)
    if s["arch"] == "mlp":
        return tutorial.GeneratorMlp(h, w, nz, f, c, norm, spectral)
    if s["arch"] == "transformer":
        return transformer.Generator(h, nz, f, c, int(s["depth"]))
    make = {"dcgan": tutorial.Generator, "resnet": resnet.Generator}[s["arch"]]
    return make(h, nz, f, c, norm, spectral, attention)


def discriminator(s, h, w, c, norm):
    f = int(s["width"])
    spectral = s["spectral-d"] == "true"
    extras = {"spectral": spectral, "stddev": int(s["stddev"]), "pack": int(s["pack"])}
    if arch(s, "d") in OF_IMAGES:
        return of_images(s, "d", h, w, c, norm)
    if s["arch"] == "mlp":
        return tutorial.DiscriminatorMlp(h, w, f, c, norm, **extras)
    if s["arch"] == "transformer":
        return transformer.Discriminator(h, f, c, int(s["depth"]))
    extras["attention"] = int(s["attention"])
    if s["arch"] == "resnet":
        return resnet.Discriminator(h, f, c, "none" if norm == "auto" else norm, **extras)
    return tutorial.Discriminator(h, f, c, norm, **extras)


def conditional_generator(s, h, w):
    classes, nz, kind = int(s["classes"]), int(s["nz"]), s["condition-g"]
    if kind == "none":
        return generator(s, h, w, nz, s["norm-g"])
    if kind == "norm":
        norm = lambda channels: conditions.ConditionalBatchNorm(classes, channels)
        return generator(s, h, w, nz, norm)
    features = min(classes, 128)
    body = generator(s, h, w, nz + features, s["norm-g"])
    return conditions.ConcatVector(body, classes, features)


def conditional_discriminator(s, h, w, norm):
    classes, kind = int(s["classes"]), s["condition-d"]
    c = int(s["channels"]) * (2 if s["task"] == "translate" else 1)
    spectral = s["spectral-d"] == "true"
    if kind == "concat":
        return conditions.ConcatPlane(discriminator(s, h, w, c + 1, norm), classes, h, w)
    body = discriminator(s, h, w, c, norm)
    if kind == "projection":
        return conditions.Projection(body, classes, spectral)
    return conditions.Classifier(body, classes, spectral) if kind == "classifier" else body


def networks(s, penalised):
    sides = [int(n) for n in s["size"].split("x")]
    h, w = sides[0], sides[-1]
    bare = (penalised or s["spectral-d"] == "true") and s["norm-d"] == "auto"
    g = conditional_generator(s, h, w)
    d = conditional_discriminator(s, h, w, "none" if bare else s["norm-d"])
    for net in (g, d):
        for m in net.modules():
            if isinstance(m, _SpectralNorm):
                m.eval()  # no power iteration in a forward pass: iterate() makes them
    return g.double(), d.double()


def iterate(net):
    """One power iteration of every spectral norm."""
    for m in net.modules():
        if hasattr(m, "parametrizations"):
            norm = m.parametrizations.weight[0]
            matrix = norm._reshape_weight_to_matrix(m.parametrizations.weight.original)
            norm._power_method(matrix, 1)
