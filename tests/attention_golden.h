/* SPDX-License-Identifier: MIT
 *
 * attention_golden.h - the layers around attention against PyTorch's, golden/attention.safetensors:
 * values, gradients, and the gradient in x of the squares of that in x. */
#ifndef ATTENTION_GOLDEN_H
#define ATTENTION_GOLDEN_H

#include <stdlib.h>

#include "support.h"

#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/safetensors.h"
#include "gan/shape.h"
#include "train/store.h"

typedef struct attention_golden {
    gan_tape *t;
    gan_safetensors *f;
    const char *layer;
} attention_golden;

/* The elements of "layer.name", as a tensor of the tape. */
static inline gan_tensor *golden_tensor(const attention_golden *q, const char *name) {
    char full[96];
    snprintf(full, sizeof full, "%s.%s", q->layer, name);
    const gan_safetensors_entry *e = gan_safetensors_find(q->f, full);
    if (!e) fail_msg("there is no %s", full);
    gan_tensor *x = gan_input(q->t, e->rank, e->dim, NULL);
    assert_non_null(x);
    assert_int_equal(
        gan_safetensors_read_real(e, gan_tensor_edit(x), (size_t)gan_tensor_size(x), NULL), GAN_OK);
    return x;
}

static inline void golden_assert(const attention_golden *q, const char *name, const gan_tensor *x,
                                 double limit) {
    const gan_tensor *want = golden_tensor(q, name);
    double squares = 0, off = 0;
    assert_non_null(x);
    assert_int_equal(gan_tensor_size(x), gan_tensor_size(want));
    for (int64_t i = 0; i < gan_tensor_size(x); i++) {
        double w = (double)gan_tensor_data(want)[i], d = (double)gan_tensor_data(x)[i] - w;
        squares += w * w, off += d * d;
    }
    double error = sqrt(off / fmax(squares, 1e-30));
    printf("  %s.%s: %.1e\n", q->layer, name, error);
    assert_true(error <= limit || sqrt(off) <= limit);
}

/* x[0] is the input, the others the parameters. */
static inline void golden_gradients(const attention_golden *q, const gan_parameters *p,
                                    gan_tensor *y, int n, gan_tensor **x, double limit) {
    gan_tensor *g[8], *second;
    gan_grad(q->t, y, golden_tensor(q, "gy"), n, x, g, GAN_GRAD_KEEP);
    for (int i = 0; i < n; i++) {
        char name[80];
        snprintf(name, sizeof name, "grad.%s", i ? p->item[i - 1].name : "x");
        golden_assert(q, name, g[i], limit);
    }
    gan_grad(q->t, y, golden_tensor(q, "gy"), 1, x, g, GAN_GRAD_RECORD);
    gan_grad(q->t, gan_sum_all(q->t, gan_square(q->t, g[0])), NULL, 1, x, &second, 0);
    assert_tape_ok(q->t);
    golden_assert(q, "second.x", second, limit);
}

static inline void golden_layer(const char *name, gan_module *m, double limit) {
    char path[4096];
    const char *folder = getenv("GAN_GOLDEN");
    attention_golden q = {.t = gan_tape_create(2), .layer = name};
    gan_parameters p;
    gan_error err = {0};
    gan_tensor *x[8];
    snprintf(path, sizeof path, "%s/attention.safetensors", folder ? folder : "golden");
    if (gan_safetensors_open(path, &q.f, &err) || gan_parameters_collect(m, &p, &err))
        fail_msg("%s", err.text);
    if (gan__fetch_parameters(q.f, name, &p, 0, &err)) fail_msg("%s", err.text);
    x[0] = golden_tensor(&q, "x");
    for (int i = 0; i < p.count; i++) x[i + 1] = p.item[i].value;
    gan_tensor *y = gan_module_forward(q.t, m, x[0], &GAN_PASS_TRAIN);
    assert_tape_ok(q.t);
    golden_assert(&q, "y", y, limit);
    golden_gradients(&q, &p, y, p.count + 1, x, limit);
    gan_parameters_free(&p);
    gan_module_free(m);
    gan_safetensors_close(q.f);
    gan_tape_free(q.t);
}

static inline void golden_layers(double limit) {
    golden_layer("image", gan_self_attention_2d(16), limit);
    golden_layer("heads", gan_multi_head_attention(12, 3), limit);
    golden_layer("one_head", gan_multi_head_attention(5, 1), limit);
    golden_layer("norm", gan_token_norm_layer(6), limit);
}

#endif
