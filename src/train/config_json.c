/* SPDX-License-Identifier: MIT
 *
 * Settings as JSON: numbers as numbers, flags as booleans, the rest as strings. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "train/options.h"

#define CONFIG_LIMIT ((size_t)1 << 20)

static json_t *value_of(const gan_config *c, const gan__option *o) {
    char text[GAN_TEXT], *end = NULL;
    gan_config_get(c, o->shown.name, text, sizeof text);
    if (o->kind == GAN__FLAG) return json_boolean(!strcmp(text, "true"));
    if (o->kind == GAN__INT) return json_integer(*(const int64_t *)((const char *)c + o->offset));
    double v =
        o->kind == GAN__NUMBER || o->kind == GAN__SCHEDULE ? gan__number_read(text, &end) : 0;
    return end && end != text && !*end ? json_real(v) : json_string(text);
}

/* Does the text read back as the same numbers? */
static int reads_back(const char *json, const json_t *object) {
    json_t *back = json_loads(json, 0, NULL);
    int same = json_equal(back, object);
    json_decref(back);
    return same;
}

/* As few digits as all numbers need. Text of our own allocator, so that one function frees it. */
static char *dump(const json_t *object) {
    size_t digits = 6;
    char *json = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(digits));
    while (json && digits < 17 && !reads_back(json, object)) {
        free(json);
        json = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(++digits));
    }
    char *copy = json ? gan__strdup(json) : NULL;
    free(json);
    return copy;
}

char *gan__config_json(const gan_config *c, int altering) {
    json_t *object = json_object();
    int ok = object != NULL;
    for (int i = 0; i < gan__option_count && ok; i++) {
        const gan__option *o = &gan__options[i];
        if (o->alters || !altering)
            ok = !json_object_set_new(object, o->shown.name, value_of(c, o));
    }
    char *text = ok ? dump(object) : NULL;
    json_decref(object);
    return text;
}

char *gan_config_to_json(const gan_config *c) {
    return gan__config_json(c, 0);
}

void gan_config_free_text(char *text) {
    gan__free(text);
}

static gan_status set(gan_config *c, const char *name, const json_t *value, gan_error *err) {
    char number[64];
    const gan__option *o = gan__option_find(name);
    if (!o) return gan__fail(err, GAN_EINVAL, "there is no setting '%s'", name);
    if (json_is_string(value)) return gan_config_set(c, name, json_string_value(value), err);
    if (json_is_boolean(value))
        return gan_config_set(c, name, json_is_true(value) ? "true" : "false", err);
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        gan__number_write(json_real_value(value), 17, number, sizeof number);
    else
        return gan__fail(err, GAN_EINVAL, "the value of '%s' is neither number, string nor boolean",
                         name);
    return gan_config_set(c, name, number, err);
}

gan_status gan_config_from_json(gan_config *c, const char *text, gan_error *err) {
    json_error_t where = {0};
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    if (!object) return gan__fail(err, GAN_EFORMAT, "line %d: %s", where.line, where.text);
    gan_status s = GAN_OK;
    const char *name;
    json_t *value;
    if (!json_is_object(object)) s = gan__fail(err, GAN_EFORMAT, "settings must be a JSON object");
    json_object_foreach(object, name, value) {
        s = set(c, name, value, err);
        if (s) break;
    }
    json_decref(object);
    return s;
}

gan_status gan_config_read(gan_config *c, const char *path, gan_error *err) {
    unsigned char *text;
    size_t size;
    gan_status s = gan__file_read(path, CONFIG_LIMIT, &text, &size, err);
    if (s) return s;
    if (strlen((char *)text) != size)
        s = gan__fail(err, GAN_EFORMAT, "there is a zero byte in it");
    else
        s = gan_config_from_json(c, (char *)text, err);
    gan__free(text);
    return s ? gan__prefix(err, s, "%s", path) : GAN_OK;
}
