/* SPDX-License-Identifier: MIT */
#include "tensor/safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

/* --- dtypes --- */

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
#define ROW(name, bytes) {#name, bytes},
    GAN_DTYPE_LIST(ROW)
#undef ROW
};

static int known(gan_dtype dtype) {
    return (size_t)dtype < sizeof dtypes / sizeof *dtypes;
}

const char *gan_dtype_name(gan_dtype dtype) {
    return known(dtype) ? dtypes[dtype].name : "unknown";
}

size_t gan_dtype_size(gan_dtype dtype) {
    return known(dtype) ? dtypes[dtype].size : 0;
}

/* Zeros are left out of the product: a shape such as [0, 2^62, 2^62] is refused too, so that nobody
 * later trips over its strides. */
int gan__safetensors_bytes(const gan_safetensors_entry *e, size_t *bytes) {
    int64_t limit = PTRDIFF_MAX, product = (int64_t)gan_dtype_size(e->dtype);
    int empty = 0;
    for (int i = 0; i < e->rank; i++) {
        if (!e->dim[i]) {
            empty = 1;
            continue;
        }
        if (e->dim[i] > limit / product) return 0;
        product *= e->dim[i];
    }
    *bytes = empty ? 0 : (size_t)product;
    return 1;
}

/* --- text in messages --- */

static int continues(unsigned char c) {
    return (c & 0xc0) == 0x80;
}

/* RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. The terminating 0 never counts
 * as a continuation, so that nothing is read beyond it. */
size_t gan__utf8_step(const char *s) {
    const unsigned char *p = (const unsigned char *)s;
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || !continues(p[1])) return 0;
    if (p[0] < 0xe0) return 2;
    if (!continues(p[2])) return 0;
    if (p[0] < 0xf0) {
        int overlong = p[0] == 0xe0 && p[1] < 0xa0, surrogate = p[0] == 0xed && p[1] > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    int overlong = p[0] == 0xf0 && p[1] < 0x90, beyond = p[0] == 0xf4 && p[1] > 0x8f;
    return overlong || beyond || !continues(p[3]) ? 0 : 4;
}

int gan__is_utf8(const char *s) {
    for (size_t n; *s; s += n)
        if (!(n = gan__utf8_step(s))) return 0;
    return 1;
}

gan__shown gan__show(const char *s) {
    gan__shown shown = {{0}};
    size_t used = 0, limit = sizeof shown.text - 4;
    while (*s) {
        size_t n = gan__utf8_step(s);
        if (used + (n ? n : 1) > limit) {
            memcpy(shown.text + used, "...", 3);
            break;
        }
        const unsigned char *p = (const unsigned char *)s;
        int control = p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
        if (!n || control) {
            shown.text[used++] = '?';
        } else {
            memcpy(shown.text + used, s, n);
            used += n;
        }
        s += n ? n : 1;
    }
    return shown;
}

gan__shape_text gan__show_shape(const gan_safetensors_entry *e) {
    gan__shape_text shown = {"["};
    char *p = shown.text + 1;
    for (int i = 0; i < e->rank; i++) p += snprintf(p, 23, "%s%" PRId64, i ? ", " : "", e->dim[i]);
    *p = ']';
    return shown;
}

/* --- the file as a whole --- */

static int compare_places(const void *a, const void *b) {
    const gan_safetensors_entry *x = a, *y = b;
    if (x->data != y->data) return (const char *)x->data < (const char *)y->data ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_names(const void *a, const void *b) {
    const gan_safetensors_entry *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

int gan__safetensors_compare_keys(const void *a, const void *b) {
    const gan_safetensors_pair *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static gan_status index_names(gan_safetensors *s, gan_error *err) {
    s->by_name = gan__alloc(s->count, sizeof *s->by_name);
    if (!s->by_name) return gan__fail_memory(err);
    for (size_t i = 0; i < s->count; i++) s->by_name[i] = &s->entries[i];
    if (s->count) qsort(s->by_name, s->count, sizeof *s->by_name, compare_names);
    for (size_t i = 1; i < s->count; i++)
        if (!compare_names(&s->by_name[i - 1], &s->by_name[i]))
            return gan__fail(err, GAN_EFORMAT, "tensor \"%s\" is described twice",
                             gan__show(s->by_name[i]->name).text);
    return GAN_OK;
}

static gan_status index_keys(gan_safetensors *s, gan_error *err) {
    if (s->pair_count)
        qsort(s->pairs, s->pair_count, sizeof *s->pairs, gan__safetensors_compare_keys);
    for (size_t i = 1; i < s->pair_count; i++)
        if (!strcmp(s->pairs[i - 1].key, s->pairs[i].key))
            return gan__fail(err, GAN_EFORMAT, "metadata key \"%s\" is given twice",
                             gan__show(s->pairs[i].key).text);
    return GAN_OK;
}

/* The entries, in order of place, must tile the data: one sweep finds overlap, gap and rest. */
static gan_status check_places(const gan_safetensors *s, const char *data, size_t size,
                               gan_error *err) {
    size_t end = 0;
    const char *last = "";
    for (size_t i = 0; i < s->count; i++) {
        const gan_safetensors_entry *e = &s->entries[i];
        size_t begin = (size_t)((const char *)e->data - data);
        if (begin < end)
            return gan__fail(err, GAN_EFORMAT,
                             "tensor \"%s\", data_offsets [%zu, %zu], overlaps tensor \"%s\", "
                             "which ends at %zu",
                             gan__show(e->name).text, begin, begin + e->bytes, gan__show(last).text,
                             end);
        if (begin > end)
            return gan__fail(err, GAN_EFORMAT,
                             "bytes %zu to %zu of the data, before tensor \"%s\", belong to no "
                             "tensor",
                             end, begin, gan__show(e->name).text);
        end = begin + e->bytes;
        last = e->name;
    }
    if (end == size) return GAN_OK;
    if (!s->count)
        return gan__fail(err, GAN_EFORMAT, "the file holds %zu bytes of data but no tensor", size);
    return gan__fail(err, GAN_EFORMAT,
                     "the data end at byte %zu, after tensor \"%s\", but the file holds %zu", end,
                     gan__show(last).text, size);
}

/* The length of the head, checked. */
static gan_status head_size(const unsigned char *file, size_t size, size_t *out, gan_error *err) {
    if (size < 8)
        return gan__fail(err, GAN_EFORMAT,
                         "the file has %zu bytes; a safetensors file has 8 and more", size);
    uint64_t n = gan__load_u64(file);
    if (n > GAN__SAFETENSORS_HEAD_MAX)
        return gan__fail(err, GAN_EFORMAT,
                         "the head's length is given as %" PRIu64 ", more than the limit of %zu", n,
                         GAN__SAFETENSORS_HEAD_MAX);
    if (n > size - 8)
        return gan__fail(err, GAN_EFORMAT,
                         "the head's length is given as %" PRIu64 ", but only %zu bytes follow", n,
                         size - 8);
    if (!n || file[8] != '{')
        return gan__fail(err, GAN_EFORMAT, "the head does not begin with '{'");
    *out = (size_t)n;
    return GAN_OK;
}

gan_status gan__safetensors_parse(const unsigned char *file, size_t size, gan_safetensors **out,
                                  gan_error *err) {
    size_t head = 0;
    *out = NULL;
    gan_status status = head_size(file, size, &head, err);
    if (status) return status;
    gan_safetensors *s = gan__zalloc(1, sizeof *s);
    if (!s) return gan__fail_memory(err);
    const unsigned char *data = file + 8 + head;
    size_t data_size = size - 8 - head;
    status = gan__safetensors_head(s, (const char *)file + 8, head, data, data_size, err);
    if (!status && s->count) qsort(s->entries, s->count, sizeof *s->entries, compare_places);
    if (!status) status = index_names(s, err);
    if (!status) status = index_keys(s, err);
    if (!status) status = check_places(s, (const char *)data, data_size, err);
    if (status)
        gan_safetensors_close(s);
    else
        *out = s;
    return status;
}

gan_status gan_safetensors_open(const char *path, gan_safetensors **out, gan_error *err) {
    unsigned char *file = NULL;
    size_t size = 0;
    *out = NULL;
    gan_status status = gan__file_read(path, PTRDIFF_MAX - 64, &file, &size, err);
    if (status) return status;
    status = gan__safetensors_parse(file, size, out, err);
    if (status) {
        gan__free(file);
        return gan__prefix(err, status, "%s", path);
    }
    (*out)->file = file;
    return GAN_OK;
}

void gan_safetensors_close(gan_safetensors *s) {
    if (!s) return;
    gan__arena_free(&s->strings);
    gan__free(s->entries);
    gan__free(s->by_name);
    gan__free(s->pairs);
    gan__free(s->file);
    gan__free(s);
}

/* --- looking things up --- */

size_t gan_safetensors_count(const gan_safetensors *s) {
    return s->count;
}

const gan_safetensors_entry *gan_safetensors_at(const gan_safetensors *s, size_t i) {
    return i < s->count ? &s->entries[i] : NULL;
}

const gan_safetensors_entry *gan_safetensors_find(const gan_safetensors *s, const char *name) {
    const gan_safetensors_entry key = {.name = name}, *wanted = &key;
    if (!s->count) return NULL;
    const gan_safetensors_entry *const *found =
        bsearch(&wanted, s->by_name, s->count, sizeof *s->by_name, compare_names);
    return found ? *found : NULL;
}

const char *gan_safetensors_metadata(const gan_safetensors *s, const char *key) {
    const gan_safetensors_pair wanted = {key, NULL};
    if (!s->pair_count) return NULL;
    const gan_safetensors_pair *found =
        bsearch(&wanted, s->pairs, s->pair_count, sizeof *s->pairs, gan__safetensors_compare_keys);
    return found ? found->value : NULL;
}

size_t gan_safetensors_metadata_count(const gan_safetensors *s) {
    return s->pair_count;
}

const gan_safetensors_pair *gan_safetensors_metadata_at(const gan_safetensors *s, size_t i) {
    return i < s->pair_count ? &s->pairs[i] : NULL;
}
