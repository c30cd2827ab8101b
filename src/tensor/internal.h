/* SPDX-License-Identifier: MIT
 *
 * tensor/internal.h - what operations need of the tape.
 *
 * An operation checks its operands (gan__ready and its own shape checks), makes its result
 * (gan__new), calls a kernel, and ends with `return gan__record(t, &op, out, n, inputs, &attr,
 * sizeof attr)`. Its row {name, vjp} says how a gradient of the result becomes gradients of the
 * inputs, in terms of public operations alone. An operation with more to compute than one flop an
 * element sets t->flops before it records: profiles (gan/profile.h) tell rates by it. */
#ifndef GAN_TENSOR_INTERNAL_H
#define GAN_TENSOR_INTERNAL_H

#include "base/memory.h"
#include "base/pool.h"
#include "gan/profile.h"
#include "gan/tape.h"

typedef struct gan__node gan__node;

struct gan_tensor {
    gan_real *data;      /* NULL once the buffer has been given back */
    gan__buffer *buffer; /* of the tape's pool; NULL for an owned tensor */
    gan_tape *tape;      /* NULL for an owned tensor */
    gan__node *node;     /* what made it, if that was recorded */
    gan_tensor *grad;    /* during gan_grad */
    gan_tensor *base;    /* whose elements it shares; NULL: its own */
    const void *walk;    /* during gan_grad: set on the tensors in wrt */
    uint64_t version;    /* counts changes */
    int64_t size;
    int64_t dim[GAN_MAX_RANK];
    int rank;
    int kept;
};

/* gx[i] = gradient of the input i, for those with need[i]; NULL stands for zero. */
typedef void gan__vjp(gan_tape *t, const gan__node *node, gan_tensor *gy, const int *need,
                      gan_tensor **gx);

typedef struct gan__op {
    const char *name;
    gan__vjp *vjp; /* NULL: the derivative is zero everywhere */
} gan__op;

#define GAN__MAX_INPUTS 8

struct gan__node {
    const gan__op *op;
    gan_tensor *out;
    const char *scope, *part; /* part: of its gradient, see gan_tape_part */
    const void *attr;
    size_t index;     /* in the tape's record */
    const void *walk; /* the last gan_grad that found it on a path */
    int consumed;     /* its values have been given back */
    int n;
    gan_tensor *in[GAN__MAX_INPUTS];
    uint64_t version[GAN__MAX_INPUTS];
};

struct gan_tape {
    gan__pool pool;
    gan__arena arena;
    gan__node **nodes;
    size_t node_count, node_cap;
    gan_tensor **tensors; /* all that the tape owns */
    size_t tensor_count, tensor_cap;
    gan_error error;
    const char *scope;
    const char *part, *backward; /* of the step, and of gradients; NULL: not named */
    gan_profile *profile;        /* borrowed; NULL: none */
    double flops; /* what the operation about to be recorded knows of its own; 0: nothing */
    int threads, recording;
    int conv_method; /* a gan__conv_method */
};

/* 1 when the tape has not failed and every operand can be read; else puts the reason on the tape.
 */
int gan__ready(gan_tape *t, const char *op, int n, gan_tensor *const *in);

/* Puts "op scope: message" on the tape, unless it has failed already; returns NULL. */
gan_tensor *gan__op_fail(gan_tape *t, gan_status code, const char *op, const char *format, ...)
    GAN_PRINTF(4, 5);

/* A tensor of the tape, not yet filled; NULL: failed. */
gan_tensor *gan__new(gan_tape *t, int rank, const int64_t *dim);
gan_tensor *gan__new_like(gan_tape *t, const gan_tensor *x);

/* The same values under another shape of the same size; not recorded. */
gan_tensor *gan__alias(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim);

/* Records out = op(in...) with a copy of attr, when the tape records; returns out. */
gan_tensor *gan__record(gan_tape *t, const gan__op *op, gan_tensor *out, int n,
                        gan_tensor *const *in, const void *attr, size_t attr_size);

/* Charges an operation, or the part of a vjp that computes a gradient by itself, to the profile,
 * which must be there; and how many charges there have been. */
void gan__profile_op(gan_tape *t, const char *op, int backward, const gan_tensor *result, int n,
                     gan_tensor *const *in);
uint64_t gan__profile_charges(const gan_profile *p);

/* Memory from the pool: a tensor's elements, or what an operation needs for its length. */
gan__buffer *gan__scratch(gan_tape *t, size_t bytes);

/* The tape's first failure, its message put into err; GAN_OK: there was none. */
gan_status gan__tape_failed(const gan_tape *t, gan_error *err);

/* Memory that lasts until the reset. */
void *gan__tape_take(gan_tape *t, size_t bytes);

/* How often the elements have changed, through whatever tensor that shares them. */
static inline uint64_t gan__version(const gan_tensor *x) {
    return x->base ? x->base->version : x->version;
}

int gan__same_shape(const gan_tensor *a, const gan_tensor *b);

/* "[64,4,4,512]" into text[96]; returns text. */
char *gan__shape_text(const gan_tensor *x, char *text);

#endif
