/* SPDX-License-Identifier: MIT
 *
 * image_parity.h - networks of images against PyTorch's with the same weights, which did their work
 * in double (golden/image_nets.sh): images or scores in evaluation and in training mode, and the
 * gradient in the input. */
#ifndef IMAGE_PARITY_H
#define IMAGE_PARITY_H

#include "support.h"

#include <stdlib.h>

#include "gan/safetensors.h"
#include "golden/image_cases.h"
#include "train/store.h"

typedef struct image_parity {
    const image_case *k;
    image_net net;
    gan_safetensors *f;
} image_parity;

/* The file has the network's tensors, all of them, and the three results. */
static inline void image_parity_open(image_parity *p, const image_case *k) {
    char path[4096];
    const char *folder = getenv("GAN_GOLDEN");
    gan_error err;
    p->k = k;
    snprintf(path, sizeof path, "%s/image_%s.safetensors", folder ? folder : "golden", k->name);
    if (gan_safetensors_open(path, &p->f, &err) || image_net_open(k, &p->net, &err))
        fail_msg("%s", err.text);
    gan_parameters *all = image_net_parameters(&p->net);
    if (gan__fetch_parameters(p->f, "net", all, 0, &err)) fail_msg("%s", err.text);
    assert_int_equal(gan_safetensors_count(p->f), all->count + 3);
}

/* |x - y| / max(1, |y|), the worst of every IMAGE_STEP-th element. */
static inline double image_parity_error(image_parity *p, const char *name, const gan_tensor *x) {
    const gan_safetensors_entry *e = gan_safetensors_find(p->f, name);
    gan_error err;
    double worst = 0;
    assert_non_null(e);
    assert_non_null(x);
    size_t n = (size_t)e->dim[0];
    assert_int_equal(n, (gan_tensor_size(x) + IMAGE_STEP - 1) / IMAGE_STEP);
    gan_real *want = malloc(n * sizeof *want);
    assert_non_null(want);
    if (gan_safetensors_read_real(e, want, n, &err)) fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++) {
        double y = (double)want[i], error = fabs((double)gan_tensor_data(x)[i * IMAGE_STEP] - y);
        worst = isfinite(error) ? fmax(worst, error / fmax(1, fabs(y))) : HUGE_VAL;
    }
    free(want);
    return worst;
}

static inline void image_parity_case(const image_case *k, double limit) {
    image_parity p;
    gan_tape *t = gan_tape_create(2);
    image_parity_open(&p, k);
    gan_tensor *x = image_input(t, k), *eval = image_net_run(t, &p.net, x, 0),
               *train = image_net_run(t, &p.net, x, 1), *grad = image_gradient(t, x, train);
    assert_tape_ok(t);
    double e[3] = {image_parity_error(&p, "eval", eval), image_parity_error(&p, "train", train),
                   image_parity_error(&p, "grad", grad)};
    printf("%-18s  %.1e  %.1e  %.1e\n", k->name, e[0], e[1], e[2]);
    for (int i = 0; i < 3; i++) assert_true(e[i] <= limit);
    image_net_close(&p.net);
    gan_safetensors_close(p.f);
    gan_tape_free(t);
}

static inline void image_parity_run(double limit) {
    printf("%-18s  eval     train    gradient\n", "");
    for (size_t i = 0; i < IMAGE_CASES; i++)
        if (!image_is_full(&image_cases[i])) image_parity_case(&image_cases[i], limit);
}

#endif
