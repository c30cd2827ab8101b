/* SPDX-License-Identifier: MIT */
#include "train/store.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kernel/shape.h"
#include "tensor/internal.h"

/* --- layouts --- */

/* Strides, in our memory, of the axes in the file's order; and the axes' sizes. */
static void file_axes(const gan_layout *l, int64_t *dim, int64_t *stride) {
    int64_t own[6];
    gan__strides(l->view_rank, l->view, own);
    for (int i = 0; i < l->view_rank; i++) {
        dim[i] = l->view[l->order[i]];
        stride[i] = own[l->order[i]];
    }
}

static void to_file(const gan_layout *l, const gan_real *ours, gan_real *file) {
    int64_t dim[6], from[6], to[6];
    file_axes(l, dim, from);
    gan__strides(l->view_rank, dim, to);
    gan__copy_run(l->view_rank, dim, ours, from, file, to, 1);
}

static void from_file(const gan_layout *l, const gan_real *file, gan_real *ours) {
    int64_t dim[6], from[6], to[6];
    file_axes(l, dim, to);
    gan__strides(l->view_rank, dim, from);
    gan__copy_run(l->view_rank, dim, file, from, ours, to, 1);
}

static int file_rank(const gan_parameter *p) {
    return p->layout.view_rank ? p->layout.rank : p->value->rank;
}

static const int64_t *file_dim(const gan_parameter *p) {
    return p->layout.view_rank ? p->layout.dim : p->value->dim;
}

/* "prefix.name" in the arena; prefix NULL: the name. */
static const char *full_name(gan__store *s, const char *prefix, const char *name) {
    if (!prefix) return name;
    size_t size = strlen(prefix) + strlen(name) + 2;
    char *full = gan__arena_take(&s->arena, size);
    if (full)
        snprintf(full, size, "%s.%s", prefix, name);
    else
        s->failed = 1;
    return full;
}

/* --- writing --- */

gan__store gan__store_begin(void) {
    return (gan__store){.writer = gan_safetensors_writer_create()};
}

gan_status gan__store_end(gan__store *s, const char *path, gan_error *err) {
    gan_status status =
        s->failed ? gan__fail_memory(err) : gan_safetensors_writer_write(s->writer, path, err);
    gan_safetensors_writer_free(s->writer);
    gan__arena_free(&s->arena);
    return status;
}

void gan__store_i64(gan__store *s, const char *name, const int64_t *value) {
    if (name) gan_safetensors_writer_add(s->writer, name, GAN_DTYPE_I64, 0, NULL, value);
}

void gan__store_parameter(gan__store *s, const char *prefix, const gan_parameter *p,
                          const gan_tensor *values) {
    const char *name = full_name(s, prefix, p->name);
    if (!name) return;
    const gan_real *data = values->data;
    if (p->layout.view_rank) {
        gan_real *packed = gan__arena_take(&s->arena, (size_t)values->size * sizeof *packed);
        if (packed)
            to_file(&p->layout, data, packed);
        else
            s->failed = 1;
        data = packed;
    }
    if (data)
        gan_safetensors_writer_add(s->writer, name, GAN_DTYPE_REAL, file_rank(p), file_dim(p),
                                   data);
}

void gan__store_parameters(gan__store *s, const char *prefix, const gan_parameters *p) {
    for (int i = 0; i < p->count; i++)
        if (p->item[i].value)
            gan__store_parameter(s, prefix, &p->item[i], p->item[i].value);
        else
            gan__store_i64(s, full_name(s, prefix, p->item[i].name), p->item[i].counter);
}

/* --- reading --- */

static gan_status find(const gan_safetensors *f, const char *prefix, const char *name,
                       const gan_safetensors_entry **entry, gan_error *err) {
    char full[512];
    int n = snprintf(full, sizeof full, "%s%s%s", prefix ? prefix : "", prefix ? "." : "", name);
    *entry = n < (int)sizeof full ? gan_safetensors_find(f, full) : NULL;
    if (*entry) return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "there is no tensor '%s' in it: it is of another network",
                     full);
}

static gan_status check_shape(const gan_safetensors_entry *e, const gan_parameter *p,
                              gan_error *err) {
    gan_tensor found = {.rank = e->rank}, wanted = {.rank = file_rank(p)};
    char a[96], b[96];
    memcpy(found.dim, e->dim, sizeof e->dim);
    memcpy(wanted.dim, file_dim(p), (size_t)wanted.rank * sizeof *wanted.dim);
    if (gan__same_shape(&found, &wanted)) return GAN_OK;
    return gan__fail(err, GAN_ESHAPE, "tensor '%s' is %s, the network needs %s", e->name,
                     gan__shape_text(&found, a), gan__shape_text(&wanted, b));
}

static gan_status read_count(const gan_safetensors_entry *e, int64_t *out, gan_error *err) {
    int64_t value = 0;
    gan_status s = gan_safetensors_read_i64(e, &value, 1, err);
    if (s) return gan__prefix(err, s, "'%s'", e->name);
    if (value < 0 || value > GAN__MAX_COUNT)
        return gan__fail(err, GAN_EFORMAT, "'%s' is %lld, a count from 0 to %lld is wanted",
                         e->name, (long long)value, (long long)GAN__MAX_COUNT);
    *out = value;
    return GAN_OK;
}

gan_status gan__fetch_count(const gan_safetensors *f, const char *name, int64_t *out,
                            gan_error *err) {
    const gan_safetensors_entry *e;
    gan_status s = find(f, NULL, name, &e, err);
    return s ? s : read_count(e, out, err);
}

static gan_status fetch_counter(const gan_safetensors *f, const char *prefix,
                                const gan_parameter *p, int check_only, gan_error *err) {
    const gan_safetensors_entry *e;
    int64_t value = 0;
    gan_status s = find(f, prefix, p->name, &e, err);
    if (!s) s = read_count(e, &value, err);
    if (!s && !check_only) *p->counter = value;
    return s;
}

gan_status gan__fetch_parameter(const gan_safetensors *f, const char *prefix,
                                const gan_parameter *p, gan_tensor *out, gan_error *err) {
    const gan_safetensors_entry *e;
    gan_status s = find(f, prefix, p->name, &e, err);
    if (!s) s = check_shape(e, p, err);
    if (s || !out) return s;
    size_t n = (size_t)out->size;
    if (!p->layout.view_rank) return gan_safetensors_read_real(e, gan_tensor_edit(out), n, err);
    gan_real *packed = gan__alloc(n, sizeof *packed);
    if (!packed) return gan__fail_memory(err);
    s = gan_safetensors_read_real(e, packed, n, err);
    if (!s) from_file(&p->layout, packed, gan_tensor_edit(out));
    gan__free(packed);
    return s;
}

gan_status gan__fetch_parameters(const gan_safetensors *f, const char *prefix,
                                 const gan_parameters *p, int check_only, gan_error *err) {
    gan_status s = GAN_OK;
    for (int i = 0; i < p->count && !s; i++)
        if (p->item[i].value)
            s = gan__fetch_parameter(f, prefix, &p->item[i], check_only ? NULL : p->item[i].value,
                                     err);
        else
            s = fetch_counter(f, prefix, &p->item[i], check_only, err);
    return s;
}
