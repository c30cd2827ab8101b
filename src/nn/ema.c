/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/optim.h"
#include "kernel/optim.h"
#include "tensor/internal.h"

struct gan_ema {
    double decay;
    gan_parameters *parameters;
    gan_tensor **average; /* one for each parameter, NULL where it is not trained */
    gan__segment *segments;
};

gan_status gan_ema_create(double decay, gan_parameters *p, gan_ema **out, gan_error *err) {
    *out = NULL;
    if (!(decay >= 0 && decay < 1))
        return gan__fail(err, GAN_EINVAL,
                         "ema is %g, it must be from 0 to below 1, 0.999 for example", decay);
    gan_ema *e = gan__zalloc(1, sizeof *e);
    if (!e) return gan__fail_memory(err);
    e->decay = decay, e->parameters = p;
    e->average = gan__zalloc((size_t)p->count, sizeof *e->average);
    e->segments = gan__zalloc((size_t)p->count, sizeof *e->segments);
    int ok = e->average && e->segments;
    for (int i = 0; i < p->count && ok; i++) {
        gan_tensor *w = p->item[i].value;
        if (!gan_parameter_trained(&p->item[i])) continue;
        gan_tensor *a = e->average[i] = gan_tensor_create(w->rank, w->dim);
        ok = a != NULL;
        if (ok) memcpy(a->data, w->data, (size_t)w->size * sizeof *w->data);
    }
    if (ok) {
        *out = e;
        return GAN_OK;
    }
    gan_ema_free(e);
    return gan__fail_memory(err);
}

void gan_ema_free(gan_ema *e) {
    if (!e) return;
    for (int i = 0; e->average && i < e->parameters->count; i++) gan_tensor_free(e->average[i]);
    gan__free(e->average);
    gan__free(e->segments);
    gan__free(e);
}

void gan_ema_update(gan_ema *e, int threads) {
    int n = 0;
    for (int i = 0; i < e->parameters->count; i++) {
        gan_tensor *a = e->average[i];
        if (a)
            e->segments[n++] = (gan__segment){
                .n = a->size, .x = e->parameters->item[i].value->data, .w = gan_tensor_edit(a)};
    }
    gan__segments_cut(n, e->segments);
    gan__blend_run(n, e->segments, 1 - e->decay, threads);
}

void gan_ema_swap(gan_ema *e) {
    for (int i = 0; i < e->parameters->count; i++) {
        gan_tensor *a = e->average[i], *w = e->parameters->item[i].value;
        if (!a) continue;
        gan_real *data = gan_tensor_edit(w);
        w->data = gan_tensor_edit(a);
        a->data = data;
    }
}

gan_tensor *gan_ema_value(gan_ema *e, int i) {
    return e->average[i];
}
