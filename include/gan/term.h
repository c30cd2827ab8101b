/* SPDX-License-Identifier: MIT
 *
 * gan/term.h - what joins the adversarial loss of a generator whose images have a target: those of
 * super-resolution and translation. A term is a row of a table; a list of them, each with a weight,
 * is written l1:100+perceptual:0.1. With y the generated images and x their targets:
 *
 *   l1           mean |y - x|: pix2pix, arXiv:1611.07004, eq. 3 (weight 100)
 *   l2           mean (y - x)^2
 *   charbonnier  mean sqrt((y - x)^2 + 1e-6), arXiv:1710.01992
 *   perceptual   mean |f(y) - f(x)|, f the features that the discriminator's last layer reads
 *                (feature matching, arXiv:1711.11585, of one layer); left out while that rests
 *   cycle        mean |F(y) - s|, of twin generators G and F, s the source: arXiv:1703.10593, eq. 2
 *                (weight 10)
 *   identity     mean |G(x) - x|, the same, section 5.2 (weight 5)
 *   vgg          mean (f(y) - f(x))^2, f the features of a network of VGG's layout
 *                (gan_vgg_load() of gan/checkpoint.h): arXiv:1609.04802, eq. 5
 *
 * Means are over all elements; pixels are in [-1,1]. */
#ifndef GAN_TERM_H
#define GAN_TERM_H

#include "gan/module.h"
#include "gan/schedule.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a term may look at; all belong to the tape. Nothing flows into what belongs to the target. */
typedef struct gan_term_inputs {
    gan_tensor *images, *target;                  /* [N,H,W,C] */
    gan_tensor *image_features, *target_features; /* of the discriminator; NULL: not judged */
    gan_module *vgg;                              /* NULL: none was loaded */
    gan_tensor *source, *returned, *same;         /* of twins: s, F(y), G(x); NULL */
} gan_term_inputs;

/* A scalar [1]. NULL with the reason on the tape: GAN_ESHAPE (images and targets disagree),
 * GAN_EMODEL (there are no such features). */
typedef gan_tensor *gan_term_function(gan_tape *t, const gan_term_inputs *in);

typedef struct gan_term {
    const char *name;
    gan_term_function *run;
    int judges_target; /* wants target_features */
    int wants_vgg;
    int both_ways;  /* wants twins */
    int wants_same; /* G of the target */
} gan_term;

/* The i-th; NULL past the last. Static. */
GAN_API const gan_term *gan_term_at(int i);

#define GAN_TERMS 8
#define GAN_TERMS_TEXT 1024

typedef struct gan_terms {
    int count;
    struct {
        const gan_term *term;
        gan_schedule weight;
    } item[GAN_TERMS];
} gan_terms;

/* From text: "none", or NAME:WEIGHT joined by '+'; a weight is a schedule. GAN_EINVAL names what
 * cannot be read, and the known names. */
GAN_API gan_status gan_terms_parse(const char *text, gan_terms *out, gan_error *err);

#ifdef __cplusplus
}
#endif
#endif
