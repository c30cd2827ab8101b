/* SPDX-License-Identifier: MIT
 *
 * gan/module.h - networks: trees of layers with named parameters.
 *
 * A module has a type (what its forward pass does), parameters and state tensors of its own, and
 * children. The full name of a parameter is the path to it, "main.0.weight", as in a PyTorch
 * state_dict. The layers of gan/layer.h are made with the functions below and nothing else, so a
 * user's own layer is a gan_module_type of his, like theirs:
 *
 *     static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
 *         return gan_mul(t, x, gan_module_parameter(m, 0));
 *     }
 *     static const gan_module_type scale_type = {.name = "scale", .forward = forward};
 *
 *     gan_module *m = gan_module_create(&scale_type, 0);
 *     gan_module_add_parameter(m, "weight", GAN_ROLE_SCALE, 1, (int64_t[]){channels}, 1, 1);
 *
 * Functions that build return NULL, or mark the module as failed, when memory is short or an
 * argument is out of range; failures add up in the parent, and gan_module_status() of the whole
 * tells. So a network is written without a check on each line. */
#ifndef GAN_MODULE_H
#define GAN_MODULE_H

#include "gan/rng.h"
#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_module gan_module;

/* How a forward pass runs. */
typedef struct gan_pass {
    int training;      /* batch statistics and dropout; 0: running statistics, no dropout */
    int update;        /* when training: also update the running statistics */
    gan_rng *rng;      /* for dropout; NULL: no dropout */
    const int *labels; /* class numbers, one for each image of the batch; NULL: none */
    int back;          /* of gan_twin(), the second network runs */
    const struct gan_augment *augment; /* what a discriminator's images go through first; NULL */
} gan_pass;

#define GAN_PASS_EVAL ((gan_pass){.training = 0})
#define GAN_PASS_TRAIN ((gan_pass){.training = 1, .update = 1})

/* Whether an image's result depends on the other images of its batch. */
typedef enum gan_mixing {
    GAN_MIXES_NOTHING = 0,
    GAN_MIXES_STATISTICS = 1, /* batch norm: penalties refuse it, as a per-image gradient does not
                                 exist */
    GAN_MIXES_ON_PURPOSE = 2  /* the batch is what is judged: penalties take the gradient of the
                                 summed scores */
} gan_mixing;

typedef struct gan_module_type {
    const char *name;
    gan_tensor *(*forward)(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass);
    gan_mixing mixes_batch;

    /* forward, then y > 0 ? y : slope * y with slope >= 0, for a layer that can do both in one
     * operation: a sequence calls it where a ReLU (slope 0) or a leaky ReLU comes next, and skips
     * that. NULL: one after the other. */
    gan_tensor *(*forward_leaky)(gan_tape *t, gan_module *m, gan_tensor *x, double slope,
                                 const gan_pass *pass);
} gan_module_type;

/* What a parameter is for: how it is initialised, and whether it is trained. */
typedef enum gan_role {
    GAN_ROLE_WEIGHT,    /* drawn at random */
    GAN_ROLE_BIAS,      /* 0 */
    GAN_ROLE_SCALE,     /* of a norm: 1, or about 1 */
    GAN_ROLE_MEAN,      /* running statistics, not trained: 0 */
    GAN_ROLE_VAR,       /* and 1 */
    GAN_ROLE_DIRECTION, /* of a spectral norm, not trained: a random vector of length 1 */
    GAN_ROLE_SLOPE      /* of a leaky ReLU: 0.25 */
} gan_role;

/* A module with `state_size` bytes of its own, cleared. */
GAN_API gan_module *gan_module_create(const gan_module_type *type, size_t state_size);
GAN_API void gan_module_free(gan_module *m); /* with its children */
GAN_API gan_status gan_module_status(const gan_module *m);

GAN_API void *gan_module_state(gan_module *m);

/* At most 6 a module. The name is copied; fan_in, fan_out: inputs to and outputs of one unit, for the
 * initialisers that ask. */
GAN_API gan_tensor *gan_module_add_parameter(gan_module *m, const char *name, gan_role role,
                                             int rank, const int64_t *dim, int64_t fan_in,
                                             int64_t fan_out);
GAN_API gan_tensor *gan_module_parameter(gan_module *m, int index); /* in order of addition */

/* Appends a child, which then belongs to m. name NULL: its index. A name may hold dots ("0.model"),
 * and an empty one is left out of the names of what is inside. */
GAN_API void gan_module_add(gan_module *m, const char *name, gan_module *child);
GAN_API gan_module *gan_module_child(gan_module *m, int index); /* NULL: there is none */

/* Children one after the other. `name` ("main") starts the names of its parameters when it is the
 * root of a network. */
GAN_API gan_module *gan_sequential(const char *name);

/* y = main(x) + shortcut(x): the children up to `main`, one after the other, and those after them;
 * without any the shortcut is x itself. Both paths' parameters have the names of the children. */
GAN_API gan_module *gan_residual(int main);

/* y = x and, behind its channels, those of the children's result, one after the other: a level of a
 * U-Net. The result must be as large as x. */
GAN_API gan_module *gan_skip(void);

/* Two networks as one, those of a way there and back: a pass runs the first, or with `back` the second.
 */
GAN_API gan_module *gan_twin(const char *name, gan_module *there, const char *back_name,
                             gan_module *back);

/* One forward pass; messages name the layer. Without recording, each activation goes back as soon
 * as the next one is there. */
GAN_API gan_tensor *gan_module_forward(gan_tape *t, gan_module *m, gan_tensor *x,
                                       const gan_pass *pass);

/* How the modules of the tree mix the images of a batch: gan_mixing as bits, 0 for not at all. */
GAN_API int gan_module_mixes_batch(gan_module *m);

/* --- parameters of a whole network --- */

/* How a parameter lies in a file: ours, read as `view`, with its axes in the order `order`, has the
 * file's elements in the file's order; the shape there is `dim`. view_rank 0: as it is. */
typedef struct gan_layout {
    int view_rank, rank;
    int64_t view[6], dim[4];
    int order[6];
} gan_layout;

typedef struct gan_parameter {
    char *name;        /* "main.0.weight" */
    gan_tensor *value; /* NULL for a counter */
    int64_t *counter;  /* "num_batches_tracked" */
    gan_role role;
    gan_layout layout;
    int64_t fan_in, fan_out;
} gan_parameter;

/* All parameters of a tree, in order; the values stay the modules'. */
typedef struct gan_parameters {
    int count;
    gan_parameter *item;
} gan_parameters;

GAN_API gan_status gan_parameters_collect(gan_module *root, gan_parameters *out, gan_error *err);
GAN_API void gan_parameters_free(gan_parameters *p);
GAN_API int gan_parameter_trained(const gan_parameter *p);

/* --- initialisation --- */

/* X(code, name, text) */
#define GAN_INIT_LIST(X)                                                                           \
    X(GAN_INIT_NORMAL, "normal",                                                                   \
      "normal(0, 0.02), norms normal(1, 0.02): DCGAN, arXiv:1511.06434")                           \
    X(GAN_INIT_XAVIER, "xavier", "normal, variance 2 / (fan_in + fan_out)")                        \
    X(GAN_INIT_HE, "he", "normal, variance 2 / fan_in")

typedef enum gan_init {
#define GAN_INIT_CODE(code, name, text) code,
    GAN_INIT_LIST(GAN_INIT_CODE)
#undef GAN_INIT_CODE
} gan_init;

/* Draws every parameter anew, each from a stream step of its own: the k-th parameter depends on
 * (seed, stream, k) alone. */
GAN_API void gan_parameters_initialise(gan_parameters *p, gan_init init, uint64_t seed,
                                       uint32_t stream);

#ifdef __cplusplus
}
#endif
#endif
