/* SPDX-License-Identifier: MIT */
#include "tensor/safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

struct gan_safetensors_writer {
    gan_safetensors_entry *entries;
    gan_safetensors_pair *pairs;
    size_t count, cap, pair_count, pair_cap;
    gan__arena strings;
    gan_error error; /* the first one */
};

gan_safetensors_writer *gan_safetensors_writer_create(void) {
    return gan__zalloc(1, sizeof(gan_safetensors_writer));
}

void gan_safetensors_writer_free(gan_safetensors_writer *w) {
    if (!w) return;
    gan__arena_free(&w->strings);
    gan__free(w->entries);
    gan__free(w->pairs);
    gan__free(w);
}

/* --- collecting --- */

static const char *copy(gan_safetensors_writer *w, const char *s) {
    size_t n = strlen(s) + 1;
    char *p = gan__arena_take(&w->strings, n);
    return p ? memcpy(p, s, n) : NULL;
}

static gan_status check_name(const char *name, gan_error *err) {
    if (!strcmp(name, GAN__SAFETENSORS_METADATA))
        return gan__fail(err, GAN_EINVAL, "a tensor cannot have the reserved name \"%s\"", name);
    if (!gan__is_utf8(name))
        return gan__fail(err, GAN_EINVAL, "the tensor name \"%s\" is no UTF-8",
                         gan__show(name).text);
    return GAN_OK;
}

/* Fills in shape and bytes. */
static gan_status set_shape(gan_safetensors_entry *e, const int64_t *dim, gan_error *err) {
    const char *name = e->name;
    if (!gan_dtype_size(e->dtype))
        return gan__fail(err, GAN_EINVAL, "tensor \"%s\": %d is no gan_dtype", gan__show(name).text,
                         (int)e->dtype);
    if (e->rank < 0 || e->rank > GAN_MAX_RANK)
        return gan__fail(err, GAN_EINVAL, "tensor \"%s\" has rank %d; the limits are 0 and %d",
                         gan__show(name).text, e->rank, GAN_MAX_RANK);
    for (int i = 0; i < e->rank; i++) {
        e->dim[i] = dim[i];
        if (dim[i] < 0)
            return gan__fail(err, GAN_EINVAL, "tensor \"%s\": dimension %d is %" PRId64,
                             gan__show(name).text, i, dim[i]);
    }
    if (!gan__safetensors_bytes(e, &e->bytes))
        return gan__fail(err, GAN_EINVAL, "tensor \"%s\": the size of %s %s overflows",
                         gan__show(name).text, gan_dtype_name(e->dtype), gan__show_shape(e).text);
    if (e->bytes && !e->data)
        return gan__fail(err, GAN_EINVAL, "tensor \"%s\" of shape %s has no data",
                         gan__show(name).text, gan__show_shape(e).text);
    return GAN_OK;
}

void gan_safetensors_writer_add(gan_safetensors_writer *w, const char *name, gan_dtype dtype,
                                int rank, const int64_t *dim, const void *data) {
    if (!w || w->error.code) return;
    gan_safetensors_entry e = {.name = name, .dtype = dtype, .rank = rank, .data = data};
    if (check_name(name, &w->error) || set_shape(&e, dim, &w->error)) return;
    gan_safetensors_entry *entries = gan__grow(w->entries, &w->cap, w->count, sizeof e);
    if (entries) w->entries = entries;
    e.name = copy(w, name);
    if (!e.name || !entries) {
        gan__fail_memory(&w->error);
        return;
    }
    w->entries[w->count++] = e;
}

void gan_safetensors_writer_add_metadata(gan_safetensors_writer *w, const char *key,
                                         const char *value) {
    if (!w || w->error.code) return;
    if (!gan__is_utf8(key) || !gan__is_utf8(value)) {
        gan__fail(&w->error, GAN_EINVAL, "metadata \"%s\": the %s is no UTF-8", gan__show(key).text,
                  gan__is_utf8(key) ? "value" : "key");
        return;
    }
    gan_safetensors_pair pair = {copy(w, key), copy(w, value)};
    gan_safetensors_pair *pairs = gan__grow(w->pairs, &w->pair_cap, w->pair_count, sizeof pair);
    if (pairs) w->pairs = pairs;
    if (!pair.key || !pair.value || !pairs) {
        gan__fail_memory(&w->error);
        return;
    }
    w->pairs[w->pair_count++] = pair;
}

/* --- ordering --- */

static int compare_names(const void *a, const void *b) {
    const gan_safetensors_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int compare_order(const void *a, const void *b) {
    const gan_safetensors_entry *x = a, *y = b;
    if (x->dtype != y->dtype) return x->dtype > y->dtype ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Sorts once to find what is there twice, then as the file has it. */
static gan_status order(gan_safetensors_writer *w, gan_error *err) {
    gan_safetensors_entry *e = w->entries;
    gan_safetensors_pair *p = w->pairs;
    if (w->count) qsort(e, w->count, sizeof *e, compare_names);
    for (size_t i = 1; i < w->count; i++)
        if (!strcmp(e[i - 1].name, e[i].name))
            return gan__fail(err, GAN_EINVAL, "tensor \"%s\" was added twice",
                             gan__show(e[i].name).text);
    if (w->count) qsort(e, w->count, sizeof *e, compare_order);
    if (w->pair_count) qsort(p, w->pair_count, sizeof *p, gan__safetensors_compare_keys);
    for (size_t i = 1; i < w->pair_count; i++)
        if (!strcmp(p[i - 1].key, p[i].key))
            return gan__fail(err, GAN_EINVAL, "metadata \"%s\" was added twice",
                             gan__show(p[i].key).text);
    return GAN_OK;
}

/* --- the head --- */

/* Composed twice: without `data` to count, then into it. */
typedef struct text {
    char *data;
    size_t used;
} text;

static void put(text *t, const char *s, size_t n) {
    if (t->data) memcpy(t->data + t->used, s, n);
    t->used += n;
}

static void put_text(text *t, const char *s) {
    put(t, s, strlen(s));
}

static void put_size(text *t, uint64_t n) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, n);
    put_text(t, digits);
}

/* Escapes what JSON demands and nothing else, in the short form where there is one. */
static void put_string(text *t, const char *s) {
    static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    put_text(t, "\"");
    for (; *s; s++) {
        const char *found = strchr(special, *s);
        char escape[8];
        if (!found && (unsigned char)*s >= 0x20) {
            put(t, s, 1);
            continue;
        }
        if (found)
            snprintf(escape, sizeof escape, "\\%c", letter[found - special]);
        else
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*s);
        put_text(t, escape);
    }
    put_text(t, "\"");
}

static void put_metadata(text *t, const gan_safetensors_writer *w) {
    if (!w->pair_count) return;
    put_text(t, "\"" GAN__SAFETENSORS_METADATA "\":{");
    for (size_t i = 0; i < w->pair_count; i++) {
        if (i) put_text(t, ",");
        put_string(t, w->pairs[i].key);
        put_text(t, ":");
        put_string(t, w->pairs[i].value);
    }
    put_text(t, w->count ? "}," : "}");
}

static void put_entry(text *t, const gan_safetensors_entry *e, uint64_t begin) {
    put_string(t, e->name);
    put_text(t, ":{\"dtype\":\"");
    put_text(t, gan_dtype_name(e->dtype));
    put_text(t, "\",\"shape\":[");
    for (int i = 0; i < e->rank; i++) {
        if (i) put_text(t, ",");
        put_size(t, (uint64_t)e->dim[i]);
    }
    put_text(t, "],\"data_offsets\":[");
    put_size(t, begin);
    put_text(t, ",");
    put_size(t, begin + e->bytes);
    put_text(t, "]}");
}

static void put_head(text *t, const gan_safetensors_writer *w) {
    uint64_t begin = 0;
    put_text(t, "{");
    put_metadata(t, w);
    for (size_t i = 0; i < w->count; i++) {
        if (i) put_text(t, ",");
        put_entry(t, &w->entries[i], begin);
        begin += w->entries[i].bytes;
    }
    put_text(t, "}");
    while (t->used % 8) put_text(t, " ");
}

static gan_status compose(const gan_safetensors_writer *w, text *t, gan_error *err) {
    put_head(t, w);
    if (t->used > GAN__SAFETENSORS_HEAD_MAX)
        return gan__fail(err, GAN_EINVAL,
                         "the names and the metadata need a head of %zu bytes; the limit is %zu",
                         t->used, GAN__SAFETENSORS_HEAD_MAX);
    t->data = gan__alloc(t->used, 1);
    if (!t->data) return gan__fail_memory(err);
    t->used = 0;
    put_head(t, w);
    return GAN_OK;
}

/* --- the file --- */

static gan_status write_file(const gan_safetensors_writer *w, const text *head, const char *path,
                             gan_error *err) {
    gan__writer file;
    gan_status s = gan__writer_open(&file, path, err);
    if (s) return s;
    gan__writer_put_u64(&file, head->used);
    gan__writer_put(&file, head->data, head->used);
    for (size_t i = 0; i < w->count; i++)
        gan__writer_put(&file, w->entries[i].data, w->entries[i].bytes);
    return gan__writer_commit(&file, err);
}

gan_status gan_safetensors_writer_write(gan_safetensors_writer *w, const char *path,
                                        gan_error *err) {
    text head = {NULL, 0};
    if (!w) return gan__fail_memory(err);
    gan_status s = w->error.code;
    if (s)
        gan__fail(err, s, "%s", w->error.text);
    else
        s = order(w, err);
    if (!s) s = compose(w, &head, err);
    if (s) {
        gan__free(head.data);
        return gan__prefix(err, s, "%s", path);
    }
    s = write_file(w, &head, path, err);
    gan__free(head.data);
    return s;
}
