/* SPDX-License-Identifier: MIT
 *
 * The head: an object of descriptions. Its outer two levels are walked here and jansson parses what
 * is in them, a string or one description at a time: the trees that jansson builds (up to 75 times
 * the text) never grow beyond one description, whatever the head's length. Names given twice come
 * out when all are sorted. */
#include "tensor/safetensors.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"

typedef struct head {
    gan_safetensors *s;
    const char *text;
    size_t size, at; /* `at` is the next byte to be read */
    const unsigned char *data;
    size_t data_size;
    int metadata_seen;
    gan_error *err;
} head;

/* Takes the value that follows a key. */
typedef gan_status member(head *h, const char *key);

/* --- JSON --- */

static gan_status expected(head *h, const char *what) {
    return gan__fail(h->err, GAN_EFORMAT, "byte %zu of the head: expected %s", h->at, what);
}

static void skip_space(head *h) {
    while (h->at < h->size && memchr(" \t\n\r", h->text[h->at], 4)) h->at++;
}

static int next_is(head *h, char c) {
    skip_space(h);
    return h->at < h->size && h->text[h->at] == c;
}

static int accept(head *h, char c) {
    int yes = next_is(h, c);
    h->at += (size_t)yes;
    return yes;
}

/* jansson gives no message for some failed allocations, and for others, as if the file were at
 * fault, "invalid token". */
static gan_status refuse(head *h, const json_error_t *e, size_t limit) {
    enum json_error_code code = json_error_code(e);
    if (code == json_error_out_of_memory || !e->text[0]) return gan__fail_memory(h->err);
    if (code == json_error_premature_end_of_input && limit < h->size - h->at)
        return gan__fail(h->err, GAN_EFORMAT,
                         "byte %zu of the head: the description is longer than the limit of %zu "
                         "bytes",
                         h->at, limit);
    return gan__fail(h->err, GAN_EFORMAT, "the JSON that begins at byte %zu of the head: %s", h->at,
                     gan__show(e->text).text);
}

/* One string or object of at most `limit` bytes. */
static gan_status value(head *h, size_t limit, json_t **out) {
    json_error_t e = {0};
    size_t left = h->size - h->at;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY;
    *out = json_loadb(h->text + h->at, left < limit ? left : limit, flags, &e);
    if (!*out) return refuse(h, &e, limit);
    h->at += (size_t)e.position;
    return GAN_OK;
}

static gan_status string(head *h, const char *what, const char **out) {
    json_t *json;
    if (!next_is(h, '"')) return expected(h, what);
    gan_status s = value(h, h->size, &json);
    if (s) return s;
    size_t n = json_string_length(json) + 1;
    char *copy = gan__arena_take(&h->s->strings, n);
    if (copy) memcpy(copy, json_string_value(json), n);
    json_decref(json);
    *out = copy;
    return copy ? GAN_OK : gan__fail_memory(h->err);
}

static gan_status object(head *h, member *take) {
    if (!accept(h, '{')) return expected(h, "'{'");
    if (accept(h, '}')) return GAN_OK;
    do {
        const char *key;
        gan_status s = string(h, "a name in quotes", &key);
        if (!s && !accept(h, ':')) s = expected(h, "':' after a name");
        if (!s) s = take(h, key);
        if (s) return s;
    } while (accept(h, ','));
    return accept(h, '}') ? GAN_OK : expected(h, "',' or '}'");
}

/* --- a tensor's description --- */

static gan_status read_dtype(head *h, const json_t *info, gan_safetensors_entry *e) {
    const char *name = json_string_value(json_object_get(info, "dtype"));
    if (!name)
        return gan__fail(h->err, GAN_EFORMAT, "tensor \"%s\" has no \"dtype\" that is a string",
                         gan__show(e->name).text);
    for (gan_dtype d = 0; gan_dtype_size(d); d++)
        if (!strcmp(name, gan_dtype_name(d))) {
            e->dtype = d;
            return GAN_OK;
        }
#define NAME(name, bytes) " " #name
    return gan__fail(h->err, GAN_EUNSUPPORTED,
                     "tensor \"%s\" has dtype \"%s\"; known are" GAN_DTYPE_LIST(NAME),
                     gan__show(e->name).text, gan__show(name).text);
#undef NAME
}

static int is_size(const json_t *json) {
    return json_is_integer(json) && json_integer_value(json) >= 0;
}

static gan_status read_shape(head *h, const json_t *info, gan_safetensors_entry *e) {
    const json_t *shape = json_object_get(info, "shape");
    size_t rank = json_array_size(shape);
    if (!json_is_array(shape))
        return gan__fail(h->err, GAN_EFORMAT, "tensor \"%s\" has no \"shape\" that is an array",
                         gan__show(e->name).text);
    if (rank > GAN_MAX_RANK)
        return gan__fail(h->err, GAN_EUNSUPPORTED, "tensor \"%s\" has rank %zu; the limit is %d",
                         gan__show(e->name).text, rank, GAN_MAX_RANK);
    for (size_t i = 0; i < rank; i++) {
        const json_t *dim = json_array_get(shape, i);
        if (!is_size(dim))
            return gan__fail(h->err, GAN_EFORMAT,
                             "tensor \"%s\": dimension %zu of its shape is no integer from 0 up",
                             gan__show(e->name).text, i);
        e->dim[i] = json_integer_value(dim);
    }
    e->rank = (int)rank;
    if (gan__safetensors_bytes(e, &e->bytes)) return GAN_OK;
    return gan__fail(h->err, GAN_EFORMAT, "tensor \"%s\": the size of %s %s overflows",
                     gan__show(e->name).text, gan_dtype_name(e->dtype), gan__show_shape(e).text);
}

static gan_status read_place(head *h, const json_t *info, gan_safetensors_entry *e) {
    const json_t *place = json_object_get(info, "data_offsets");
    const json_t *first = json_array_get(place, 0), *second = json_array_get(place, 1);
    const char *name = e->name;
    if (json_array_size(place) != 2 || !is_size(first) || !is_size(second))
        return gan__fail(h->err, GAN_EFORMAT,
                         "tensor \"%s\" has no \"data_offsets\" that are two integers from 0 up",
                         gan__show(name).text);
    uint64_t begin = (uint64_t)json_integer_value(first),
             end = (uint64_t)json_integer_value(second);
    if (begin > end)
        return gan__fail(h->err, GAN_EFORMAT,
                         "tensor \"%s\": data_offsets [%ju, %ju] run backwards",
                         gan__show(name).text, (uintmax_t)begin, (uintmax_t)end);
    if (end > h->data_size)
        return gan__fail(h->err, GAN_EFORMAT,
                         "tensor \"%s\": data_offsets [%ju, %ju] end beyond the %zu bytes of data "
                         "in the file",
                         gan__show(name).text, (uintmax_t)begin, (uintmax_t)end, h->data_size);
    if (end - begin != e->bytes)
        return gan__fail(h->err, GAN_EFORMAT,
                         "tensor \"%s\": %s %s needs %zu bytes, but data_offsets [%ju, %ju] give "
                         "%ju",
                         gan__show(name).text, gan_dtype_name(e->dtype), gan__show_shape(e).text,
                         e->bytes, (uintmax_t)begin, (uintmax_t)end, (uintmax_t)(end - begin));
    e->data = h->data + begin;
    return GAN_OK;
}

/* Members other than the three are ignored, as the reference implementation does. */
static gan_status take_tensor(head *h, const char *name) {
    gan_safetensors_entry e = {.name = name};
    json_t *info;
    gan_status s =
        next_is(h, '{') ? value(h, GAN__SAFETENSORS_ENTRY_MAX, &info) : expected(h, "'{'");
    if (s) return gan__prefix(h->err, s, "tensor \"%s\"", gan__show(name).text);
    s = read_dtype(h, info, &e);
    if (!s) s = read_shape(h, info, &e);
    if (!s) s = read_place(h, info, &e);
    json_decref(info);
    if (s) return s;
    gan_safetensors_entry *entries = gan__grow(h->s->entries, &h->s->cap, h->s->count, sizeof e);
    if (!entries) return gan__fail_memory(h->err);
    h->s->entries = entries;
    h->s->entries[h->s->count++] = e;
    return GAN_OK;
}

/* --- the whole --- */

static gan_status take_pair(head *h, const char *key) {
    gan_safetensors_pair pair = {key, NULL};
    gan_status s = string(h, "a string", &pair.value);
    if (s) return gan__prefix(h->err, s, "metadata \"%s\"", gan__show(key).text);
    gan_safetensors_pair *pairs =
        gan__grow(h->s->pairs, &h->s->pair_cap, h->s->pair_count, sizeof pair);
    if (!pairs) return gan__fail_memory(h->err);
    h->s->pairs = pairs;
    h->s->pairs[h->s->pair_count++] = pair;
    return GAN_OK;
}

static gan_status take_member(head *h, const char *key) {
    if (strcmp(key, GAN__SAFETENSORS_METADATA)) return take_tensor(h, key);
    if (h->metadata_seen++)
        return gan__fail(h->err, GAN_EFORMAT, "\"" GAN__SAFETENSORS_METADATA "\" is given twice");
    gan_status s = object(h, take_pair);
    return s ? gan__prefix(h->err, s, GAN__SAFETENSORS_METADATA) : GAN_OK;
}

gan_status gan__safetensors_head(gan_safetensors *s, const char *text, size_t size,
                                 const unsigned char *data, size_t data_size, gan_error *err) {
    head h = {s, text, size, 0, data, data_size, 0, err};
    gan_status status = object(&h, take_member);
    if (status) return status;
    skip_space(&h);
    return h.at == size ? GAN_OK : expected(&h, "only spaces after the last '}'");
}
