/* SPDX-License-Identifier: MIT
 *
 * Every setting, a row each. A new one needs its field in gan_config, its row here, and the code
 * that reads it. */
#include "train/options.h"

#include <stddef.h>
#include <string.h>

#include "gan/balance.h"
#include "gan/conv2d.h"
#include "gan/loss.h"

#define NAME2(code, name) name,
#define NAME3(code, name, text) name,
static const char *const norms[] = {GAN_NORM_LIST(NAME3) NULL};
static const char *const inits[] = {GAN_INIT_LIST(NAME3) NULL};
static const char *const optimizers[] = {GAN_OPTIMIZER_LIST(NAME2) NULL};
static const char *const convs[] = {GAN_CONV_LIST(NAME3) NULL};
static const char *const conditions[] = {GAN_CONDITION_LIST(NAME3) NULL};
static const char *const directions[] = {"ab", "ba", NULL};
static const char *const latents[] = {"normal", "uniform", NULL};

#define FIELD(f) offsetof(gan_config, f), sizeof(((gan_config *)0)->f)
#define INT(name, f, low, high, fallback, alters, group, help)                                     \
    { {name, "N", fallback, group, help}, GAN__INT, FIELD(f), low, high, NULL, alters }
#define NUMBER(name, f, low, high, fallback, alters, group, help)                                  \
    { {name, "X", fallback, group, help}, GAN__NUMBER, FIELD(f), low, high, NULL, alters }
#define TEXT(name, argument, f, fallback, alters, group, help)                                     \
    { {name, argument, fallback, group, help}, GAN__TEXT, FIELD(f), 0, 0, NULL, alters }
#define FLAG(name, f, alters, group, help)                                                         \
    { {name, NULL, "false", group, help}, GAN__FLAG, FIELD(f), 0, 0, NULL, alters }
#define CHOICE(name, f, list, argument, fallback, group, help)                                     \
    { {name, argument, fallback, group, help}, GAN__CHOICE, FIELD(f), 0, 0, list, 1 }

#define SCHEDULE(name, f, low, high, fallback, group, help)                                        \
    { {name, "X|SCHEDULE", fallback, group, help}, GAN__SCHEDULE, FIELD(f), low, high, NULL, 1 }

#define MANY 1e15
#define MAX_ROLLBACK 100 /* halvings that leave a rate */

const gan__option gan__options[] = {
    TEXT("data", "PATH", data, "", 0, "data",
         "folder of images, searched recursively, or an IDX file"),
    {{"size", "N|HxW", "64", "data", "height and width of the images"},
     GAN__SIDES,
     FIELD(height),
     1,
     65536,
     NULL,
     1},
    INT("channels", channels, 1, 3, "3", 1, "data", "1: grey, 3: colour"),
    TEXT("task", "NAME", task, "generate", 1, "data",
         "generate; images from others: superres, translate (pairs), cycle (no pairs)"),
    TEXT("data-b", "PATH", data_b, "", 0, "data", "cycle: the images to translate into"),
    INT("scale", scale, 2, 4, "4", 1, "data", "superres: how much larger, 2 or 4"),
    CHOICE("direction", direction, directions, "WAY", "ab", "data",
           "translate: ab makes right halves of left ones, ba left ones of right ones"),
    FLAG("class-folders", class_folders, 1, "data",
         "class labels are the folders below --data that pictures lie in"),
    FLAG("flip", flip, 1, "data", "mirror images at random"),
    NUMBER("holdout", holdout, 0, 0.9, "0.05", 1, "data",
           "part of the images that training never sees; their mean score is logged"),
    INT("holdout-every", holdout_every, 0, MANY, "10", 1, "data",
        "G steps between two looks at the held-out images; 0: never"),
    TEXT("background", "RRGGBB", background, "ffffff", 1, "data",
         "colour behind transparent pixels, in hexadecimal"),
    INT("cache-mib", cache_mib, 0, 1e9, "1024", 0, "data",
        "memory for decoded images; others are decoded again"),
    INT("image-mib", image_mib, 1, 1e6, "16", 0, "data",
        "memory to decode one file, beyond 4 bytes a pixel; more for very large JPEGs"),
    NUMBER("max-bad", max_bad, 0, 1, "0.01", 0, "data",
           "part of the files that may be bad; two always may"),
    FLAG("strict", strict, 0, "data", "stop at the first bad file"),

    TEXT("arch", "NAME", arch, "dcgan", 1, "networks",
         "dcgan, resnet, transformer, mlp; of both networks"),
    TEXT("arch-g", "NAME", arch_g, "auto", 1, "networks",
         "of the generator alone: those of --arch, unet, resnet9, srresnet; auto: the task's, or "
         "--arch"),
    TEXT("arch-d", "NAME", arch_d, "auto", 1, "networks",
         "of the discriminator alone: those of --arch, patch, srgan; auto: the task's, or --arch"),
    INT("nz", nz, 1, 65536, "100", 1, "networks", "length of the latent vectors"),
    INT("width", features, 1, 8192, "64", 1, "networks",
        "channels next to the image; time goes with its square"),
    INT("depth", depth, 0, 64, "0", 1, "networks",
        "blocks of resnet9 and srresnet, of transformer in a stage; 0: as many as in the papers"),
    CHOICE("norm-g", norm_g, norms, "KIND", "auto", "networks",
           "auto, batch, layer, instance, none; in the generator"),
    CHOICE("norm-d", norm_d, norms, "KIND", "auto", "networks",
           "the same in the discriminator; auto: batch, none under a penalty and in mlp"),
    CHOICE("init", init, inits, "KIND", "normal", "networks", "normal (0, 0.02), xavier, he"),
    FLAG("spectral-g", spectral_g, 1, "networks", "spectral normalisation of G's weights"),
    FLAG("spectral-d", spectral_d, 1, "networks", "the same of D's; its norm auto is then none"),
    INT("stddev", stddev, 0, 1024, "0", 1, "networks",
        "images in a group of D's minibatch standard deviation; 0: no such layer"),
    INT("pack", pack, 1, 64, "1", 1, "networks", "images that D judges together (PacGAN)"),
    INT("attention", attention, 0, 65536, "0", 1, "networks",
        "dcgan, resnet: side of the image inside at which they attend to themselves; 0: none"),
    CHOICE("condition-g", condition_g, conditions, "HOW", "none", "networks",
           "none, concat, norm: how the generator takes class labels"),
    CHOICE("condition-d", condition_d, conditions, "HOW", "none", "networks",
           "none, concat, projection, classifier: how the discriminator does"),
    INT("classes", classes, 0, 65536, "0", 1, "networks",
        "labels are 0 to N-1; 0: as many as the data set has"),
    NUMBER("dropout", dropout, 0, 0.99, "0", 1, "networks",
           "after each hidden layer of the discriminator"),
    NUMBER("dropout-g", dropout_g, 0, 0.99, "0", 1, "networks",
           "after each hidden layer of the generator; of unet in its inner levels (pix2pix: 0.5)"),
    TEXT("init-from", "FILE", init_from, "", 1, "networks",
         "start from trained weights: a safetensors file or a run"),
    CHOICE("z", uniform_z, latents, "KIND", "normal", "networks",
           "latent distribution: normal(0,1) or uniform(-1,1)"),

    TEXT("loss", "NAME", loss, "standard", 1, "objective",
         "standard, lsgan, hinge, relativistic, wgan, wgan-gp"),
    TEXT("preset", "NAME", preset, "none", 1, "objective",
         "settings that go together, over the loss's own: none, ttur"),
    FLAG("saturating", saturating, 1, "objective", "standard: G minimises log(1 - D(G(z)))"),
    SCHEDULE("smooth", smooth, 0, 0.5, "0", "objective",
             "standard, lsgan: real images have the target 1 - X"),
    TEXT("penalty", "LIST", penalty, "recipe", 1, "objective",
         "NAME:WEIGHT+...: gp, gp0, r1, r2, dragan, dragan0, drift; none"),
    INT("penalty-every", penalty_every, 1, 100000, "1", 1, "objective",
        "D steps between two penalties, whose weight is then so many times larger"),
    SCHEDULE("adversarial", adversarial, 0, 1e9, "1", "objective",
             "weight of the loss in G's; at 0 D rests"),
    TEXT("add", "LIST", add, "none", 1, "objective",
         "terms of G's loss, NAME:WEIGHT+...: l1, l2, charbonnier, perceptual, vgg, cycle, "
         "identity"),
    TEXT("vgg", "FILE", vgg, "", 1, "objective",
         "features for term vgg: safetensors with torchvision's names"),
    INT("image-pool", image_pool, 0, 10000, "50", 1, "objective",
        "cycle: earlier images of each generator that D is shown half of the time; 0: none"),
    NUMBER("clip", clip, 1e-9, 1e9, "0.01", 1, "objective", "wgan: bound of the critic's weights"),
    SCHEDULE("noise", noise, 0, 1e3, "0", "objective",
             "deviation of normal noise on all that D judges"),
    SCHEDULE("mode-seeking", mode_seeking, 0, 1e9, "0", "objective",
             "weight of G's term for images that differ as their latent vectors do"),
    SCHEDULE("classify", classify, 0, 1e9, "1", "objective",
             "condition-d classifier: weight of the cross-entropies of its classes"),
    TEXT("augment", "LIST", augment, "none", 1, "augmentation",
         "of all that D judges: diffaugment, ada, or NAME+... (gan/augment.h)"),
    TEXT("augment-p", "P|SCHEDULE", augment_p, "1", 1, "augmentation",
         "probability of each kind for each image, or auto: by how sure D is (ADA)"),
    NUMBER("augment-target", augment_target, 0, 1, "0.6", 1, "augmentation",
           "auto: mean sign of D's scores of real images that is kept"),
    NUMBER("augment-images", augment_images, 1, MANY, "500000", 1, "augmentation",
           "auto: images in which the probability can go from 0 to 1"),
    TEXT("n-critic", "N|SCHEDULE", n_critic, "recipe", 1, "balance",
         "D steps a G step: 5, or 0.5 (in every second), or 5@0,2@2000,1@10000, or auto"),
    NUMBER("balance-min", balance_min, GAN_LEAST_N_CRITIC, 1e6, "1", 1, "balance",
           "auto: fewest D steps a G step"),
    NUMBER("balance-max", balance_max, GAN_LEAST_N_CRITIC, 1e6, "5", 1, "balance",
           "auto: most D steps a G step"),
    INT("balance-window", balance_window, 1, GAN_LONGEST_WINDOW, "10", 1, "balance",
        "auto: G steps that D's judgement is averaged over, which also sets the pace"),
    INT("balance-patience", balance_patience, 0, GAN_LONGEST_PATIENCE, "100", 1, "balance",
        "auto: G steps in which D must have led, before it gets more"),
    NUMBER("balance-target", balance_target, 0.01, 0.99, "0.45", 1, "balance",
           "auto: D gets more where it ranks a real image above a generated one less often"),

    CHOICE("optimizer", optimizer, optimizers, "KIND", "recipe", "optimization",
           "adam, rmsprop, sgd"),
    SCHEDULE("lr-g", lr_g, 0, 1e3, "recipe", "optimization", "learning rate of the generator"),
    SCHEDULE("lr-d", lr_d, 0, 1e3, "recipe", "optimization", "learning rate of the discriminator"),
    NUMBER("beta1", beta1, 0, 0.999999, "recipe", 1, "optimization",
           "Adam's first decay; SGD's momentum"),
    NUMBER("beta2", beta2, 0, 0.99999999, "recipe", 1, "optimization",
           "Adam's second decay; RMSprop's alpha"),
    NUMBER("eps", eps, 1e-30, 1, "1e-8", 1, "optimization", "Adam's and RMSprop's epsilon"),
    NUMBER("clip-norm", clip_norm, 0, 1e9, "0", 1, "optimization",
           "largest norm of a gradient; 0: no limit"),
    NUMBER("weight-decay", weight_decay, 0, 1e3, "0", 1, "optimization",
           "weights (not biases, not norms) shrink by lr times X each update"),
    INT("batch", batch, 1, 1000000, "64", 1, "optimization", "images in a batch"),
    INT("accumulate", accumulate, 1, 100000, "1", 1, "optimization",
        "batches whose mean gradient makes one update"),
    NUMBER("ema", ema, 0, 0.9999999, "0", 1, "optimization",
           "decay of the generator's moving average; 0: off"),

    INT("steps", steps, 0, MANY, "0", 0, "run", "G steps in all, since the beginning; 0: no limit"),
    INT("epochs", epochs, 0, MANY, "0", 0, "run",
        "passes over the data in all; 0: no limit (25 when nothing limits the run)"),
    NUMBER("max-minutes", max_minutes, 0, 1e9, "0", 0, "run",
           "stop and save after that time; 0: no limit"),
    INT("seed", seed, 0, 9007199254740991.0, "1", 1, "run", "of everything random"),
    INT("threads", threads, 0, 1024, "0", 0, "run",
        "0: one for each processor; the result is the same"),
    CHOICE("conv", conv, convs, "HOW", "auto", "run",
           "convolutions: auto, direct, winograd; they differ in speed and in the last digits"),
    INT("sample-every", sample_every, 0, MANY, "100", 0, "run",
        "G steps between two sample grids; 0: only at the end"),
    INT("sample-count", sample_count, 1, 4096, "64", 0, "run", "images in a sample grid"),
    INT("checkpoint-every", checkpoint_every, 0, MANY, "500", 0, "run",
        "G steps between two checkpoints; 0: only at the end"),
    INT("doctor-every", doctor_every, 0, MANY, "100", 0, "run",
        "G steps between two looks at what goes wrong; 0: no doctor"),
    INT("rollback", rollback, 0, MAX_ROLLBACK, "0", 0, "run",
        "how often a run that diverges may go back to its checkpoint with half the rates"),
};

const int gan__option_count = (int)(sizeof gan__options / sizeof *gan__options);

const gan__option *gan__option_find(const char *name) {
    for (int i = 0; i < gan__option_count; i++)
        if (!strcmp(gan__options[i].shown.name, name)) return &gan__options[i];
    return NULL;
}

const gan_option *gan_option_at(int i) {
    return i >= 0 && i < gan__option_count ? &gan__options[i].shown : NULL;
}
