/* SPDX-License-Identifier: MIT */
#include "gan/tensor.h"

#include <stdio.h>
#include <string.h>

#include "tensor/internal.h"

/* Elements of a shape; -1 when a dimension is negative or the bytes would not fit. */
static int64_t count(int rank, const int64_t *dim) {
    int64_t size = 1;
    if (rank < 0 || rank > GAN_MAX_RANK) return -1;
    for (int i = 0; i < rank; i++) {
        if (dim[i] < 0 || (dim[i] && size > INT64_MAX / 32 / dim[i])) return -1;
        size *= dim[i];
    }
    return size;
}

static void set_shape(gan_tensor *x, int rank, const int64_t *dim, int64_t size) {
    memset(x, 0, sizeof *x);
    x->rank = rank;
    x->size = size;
    if (rank) memcpy(x->dim, dim, (size_t)rank * sizeof *dim);
}

gan_tensor *gan_tensor_create(int rank, const int64_t *dim) {
    int64_t size = count(rank, dim);
    if (size < 0) return NULL;
    gan_tensor *x = gan__alloc(1, sizeof *x);
    gan_real *data = gan__zalloc((size_t)size, sizeof *data);
    if (!x || !data) {
        gan__free(x);
        gan__free(data);
        return NULL;
    }
    set_shape(x, rank, dim, size);
    x->data = data;
    return x;
}

void gan_tensor_free(gan_tensor *x) {
    if (!x || x->tape) return;
    gan__free(x->data);
    gan__free(x);
}

int gan_tensor_rank(const gan_tensor *x) {
    return x ? x->rank : 0;
}

int64_t gan_tensor_dim(const gan_tensor *x, int axis) {
    if (x && axis < 0) axis += x->rank;
    return x && axis >= 0 && axis < x->rank ? x->dim[axis] : 0;
}

int64_t gan_tensor_size(const gan_tensor *x) {
    return x ? x->size : 0;
}

const gan_real *gan_tensor_data(const gan_tensor *x) {
    return x ? x->data : NULL;
}

gan_real *gan_tensor_edit(gan_tensor *x) {
    if (!x) return NULL;
    (x->base ? x->base : x)->version++;
    return x->data;
}

double gan_tensor_item(const gan_tensor *x) {
    return x && x->data && x->size == 1 ? (double)x->data[0] : 0;
}

int gan__same_shape(const gan_tensor *a, const gan_tensor *b) {
    return a->rank == b->rank && !memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim);
}

char *gan__shape_text(const gan_tensor *x, char *text) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < x->rank && used < 80; i++)
        used +=
            (size_t)snprintf(text + used, 96 - used, "%c%lld", i ? ',' : '[', (long long)x->dim[i]);
    snprintf(text + used, 96 - used, x->rank ? "]" : "[]");
    return text;
}

/* --- tensors of a tape --- */

static gan_tensor *attach(gan_tape *t, int rank, const int64_t *dim, int64_t size) {
    gan_tensor *x = gan__arena_take(&t->arena, sizeof *x);
    gan_tensor **tensors = gan__grow(t->tensors, &t->tensor_cap, t->tensor_count, sizeof x);
    if (tensors) t->tensors = tensors;
    if (!x || !tensors)
        return gan_tape_fail(t, GAN_ENOMEM, "out of memory for the record of a step");
    set_shape(x, rank, dim, size);
    x->tape = t;
    t->tensors[t->tensor_count++] = x;
    return x;
}

gan_tensor *gan__new(gan_tape *t, int rank, const int64_t *dim) {
    int64_t size = count(rank, dim);
    if (size < 0) return gan_tape_fail(t, GAN_ESHAPE, "a shape of rank %d is out of range", rank);
    gan_tensor *x = attach(t, rank, dim, size);
    if (!x) return NULL;
    x->buffer = gan__scratch(t, (size_t)size * sizeof(gan_real));
    if (!x->buffer) return NULL;
    x->data = x->buffer->data;
    return x;
}

gan_tensor *gan__new_like(gan_tape *t, const gan_tensor *x) {
    return gan__new(t, x->rank, x->dim);
}

gan_tensor *gan__alias(gan_tape *t, gan_tensor *x, int rank, const int64_t *dim) {
    gan_tensor *y = attach(t, rank, dim, x->size);
    if (!y) return NULL;
    y->data = x->data;
    y->base = x->base ? x->base : x;
    y->buffer = x->tape == t ? x->buffer : NULL;
    if (y->buffer) y->buffer->refs++;
    return y;
}

gan_tensor *gan_input(gan_tape *t, int rank, const int64_t *dim, const gan_real *data) {
    if (!gan__ready(t, "input", 0, NULL)) return NULL;
    gan_tensor *x = gan__new(t, rank, dim);
    if (!x) return NULL;
    size_t bytes = (size_t)x->size * sizeof *data;
    if (data)
        memcpy(x->data, data, bytes);
    else
        memset(x->data, 0, bytes);
    return x;
}

gan_tensor *gan_full(gan_tape *t, int rank, const int64_t *dim, double value) {
    gan_tensor *x = gan_input(t, rank, dim, NULL);
    for (int64_t i = 0; x && i < x->size; i++) x->data[i] = (gan_real)value;
    return x;
}

gan_tensor *gan_detach(gan_tape *t, gan_tensor *x) {
    if (!gan__ready(t, "detach", 1, &x)) return NULL;
    return gan__alias(t, x, x->rank, x->dim);
}

gan_tensor *gan_keep(gan_tape *t, gan_tensor *x) {
    (void)t;
    if (x && x->tape) x->kept = 1;
    return x;
}

void gan_release(gan_tape *t, gan_tensor *x) {
    if (!x || x->tape != t || !x->data) return;
    gan__pool_release(&t->pool, x->buffer);
    x->buffer = NULL;
    x->data = NULL;
}
