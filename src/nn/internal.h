/* SPDX-License-Identifier: MIT
 *
 * nn/internal.h - what the files of this floor share. */
#ifndef GAN_NN_INTERNAL_H
#define GAN_NN_INTERNAL_H

#include "gan/module.h"
#include "gan/pointwise.h"
#include "gan/shape.h"

/* After the last use of a value between two operations: where nothing is recorded it goes back. */
static inline void gan__used(gan_tape *t, gan_tensor *x) {
    if (!gan_tape_recording(t)) gan_release(t, x);
}

/* x + y and x under another shape, x being used up. */
static inline gan_tensor *gan__plus(gan_tape *t, gan_tensor *x, gan_tensor *y) {
    gan_tensor *z = gan_add(t, x, y);
    gan__used(t, x);
    return z;
}

static inline gan_tensor *gan__shaped(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim) {
    gan_tensor *y = gan_reshape(t, x, rank, dim);
    gan__used(t, x);
    return y;
}

#define GAN__MAX_OWN 6 /* parameters of one module itself */

typedef struct gan__own {
    char *name;
    gan_tensor *value;
    int64_t *counter; /* in the module's state */
    gan_role role;
    gan_layout layout;
    int64_t fan_in, fan_out;
} gan__own;

struct gan_module {
    const gan_module_type *type;
    char *name;
    void *state;
    gan_status status;
    int own_count;
    int directions; /* of a spectrally normalised layer: the place of u, then v, in own; 0: none */
    gan__own own[GAN__MAX_OWN];
    gan_module **child;
    size_t child_count, child_cap;
};

/* 1 if m is a ReLU or a leaky ReLU that a layer before it can take over; *slope receives its slope.
 */
int gan__module_leaky(const gan_module *m, double *slope);

/* The children [from,to) one after the other. *inner receives what the last of them was given, which
 * stays in memory; NULL: not asked for. */
gan_tensor *gan__module_run(gan_tape *t, gan_module *m, size_t from, size_t to, gan_tensor *x,
                            const gan_pass *pass, gan_tensor **inner);

/* gan_module_forward() of a sequence, and what its last child was given, or the last one of that if it
 * is a sequence itself; it stays in memory. NULL of a module that is no sequence. */
gan_tensor *gan__module_forward_split(gan_tape *t, gan_module *m, gan_tensor *x,
                                      const gan_pass *pass, gan_tensor **inner);

/* The rows of a table [classes,size] for the labels of the pass, one for each of x [N,...]:
 * [N,size]. */
gan_tensor *gan__label_rows(gan_tape *t, gan_tensor *table, const gan_tensor *x,
                            const gan_pass *pass);

/* Adds an integer that is saved with the parameters; it lives in the module's state. */
void gan__module_add_counter(gan_module *m, const char *name, int64_t *counter);

/* Flatten and unflatten, whose state begins with the shape of their image. */
typedef struct gan__image_shape {
    int64_t h, w, c;
} gan__image_shape;

extern const gan_module_type gan__flatten_type, gan__unflatten_type;

/* The layers that gan_spectral_norm() takes: own[0] is the weight. */
extern const gan_module_type gan__linear_type, gan__conv_type, gan__conv_transpose_type,
    gan__label_projection_type;

/* What such a layer computes with: its weight, divided by its norm if it is spectrally normalised,
 * and its bias (NULL: none). gan__weight_used() after the operation gives a normalised weight's
 * memory back where nothing is recorded. */
gan_tensor *gan__weight(gan_tape *t, gan_module *m);
gan_tensor *gan__bias(gan_module *m);
void gan__weight_used(gan_tape *t, gan_module *m, gan_tensor *w);

/* Gives the neighbours of flatten and unflatten in a tree the layouts that files need. */
void gan__layout_tree(gan_module *root);

/* The layout of a convolution's weight: [K,KH,KW,C] here, [K,C,KH,KW] in files. */
gan_layout gan__layout_conv(const gan_tensor *w);

/* Random streams: one for each use, so that no use disturbs another. */
enum {
    GAN__STREAM_INIT_G = 1,
    GAN__STREAM_INIT_D,
    GAN__STREAM_NOISE_D,
    GAN__STREAM_NOISE_G,
    GAN__STREAM_PENALTY,
    GAN__STREAM_DROPOUT,
    GAN__STREAM_SAMPLE,
    GAN__STREAM_BLUR,
    GAN__STREAM_AUGMENT,
    GAN__STREAM_POOL
};

#endif
