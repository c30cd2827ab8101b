/* SPDX-License-Identifier: MIT
 *
 * Files of one network, with its description in the metadata. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/number.h"
#include "base/file.h"
#include "gan/checkpoint.h"
#include "gan/sampler.h"
#include "nn/network.h"
#include "train/store.h"

/* The integers of a description, by name. */
static const struct {
    const char *key;
    size_t offset;
    int optional; /* files without it have the default */
} numbers[] = {
    {"height", offsetof(gan_network_config, height), 0},
    {"width", offsetof(gan_network_config, width), 0},
    {"channels", offsetof(gan_network_config, channels), 0},
    {"nz", offsetof(gan_network_config, nz), 0},
    {"features", offsetof(gan_network_config, features), 0},
    {"attention", offsetof(gan_network_config, attention), 1},
    {"classes", offsetof(gan_network_config, classes), 1},
    {"source_height", offsetof(gan_network_config, source_height), 1},
    {"source_width", offsetof(gan_network_config, source_width), 1},
    {"source_channels", offsetof(gan_network_config, source_channels), 1},
    {"depth", offsetof(gan_network_config, depth), 1},
    {"twin", offsetof(gan_network_config, twin), 1},
    {"stddev", offsetof(gan_network_config, stddev), 1},
    {"pack", offsetof(gan_network_config, pack), 1},
};

#define NUMBERS (sizeof numbers / sizeof *numbers)

#define NAME(code, name, text) name,
static const char *const norms[] = {GAN_NORM_LIST(NAME) NULL};
static const char *const conditions[] = {GAN_CONDITION_LIST(NAME) NULL};

static void describe(gan_safetensors_writer *w, const char *kind, const gan_network_config *c) {
    char text[32];
    gan_safetensors_writer_add_metadata(w, "libgan", gan_version());
    gan_safetensors_writer_add_metadata(w, "kind", kind);
    gan_safetensors_writer_add_metadata(w, "arch", c->arch);
    gan_safetensors_writer_add_metadata(w, "norm", norms[c->norm]);
    gan_safetensors_writer_add_metadata(w, "condition", conditions[c->condition]);
    gan_safetensors_writer_add_metadata(w, "spectral", c->spectral ? "1" : "0");
    gan__number_write(c->dropout, 17, text, sizeof text);
    gan_safetensors_writer_add_metadata(w, "dropout", text);
    for (size_t i = 0; i < NUMBERS; i++) {
        snprintf(text, sizeof text, "%" PRId64,
                 *(const int64_t *)((const char *)c + numbers[i].offset));
        gan_safetensors_writer_add_metadata(w, numbers[i].key, text);
    }
}

gan_status gan_generator_save(gan_generator *g, const char *path, gan_error *err) {
    gan__store s = gan__store_begin();
    describe(s.writer, "generator", gan_generator_config(g));
    gan_safetensors_writer_add_metadata(s.writer, "z",
                                        gan_generator_is_uniform(g) ? "uniform" : "normal");
    gan__store_parameters(&s, NULL, gan_generator_parameters(g));
    return gan__store_end(&s, path, err);
}

gan_status gan_discriminator_save(gan_discriminator *d, const char *path, gan_error *err) {
    gan__store s = gan__store_begin();
    describe(s.writer, "discriminator", gan_discriminator_config(d));
    gan__store_parameters(&s, NULL, gan_discriminator_parameters(d));
    return gan__store_end(&s, path, err);
}

/* --- loading --- */

static gan_status missing(const char *key, gan_error *err) {
    return gan__fail(err, GAN_EFORMAT, "its metadata lack a usable '%s': it was not written by gan",
                     key);
}

/* The place of a name in a list; `absent` where there is no name, -1 where the list has it not. */
static int find_name(const char *const *list, const char *name, int absent) {
    if (!name) return absent;
    for (int i = 0; list[i]; i++)
        if (!strcmp(list[i], name)) return i;
    return -1;
}

static gan_status read_numbers(const gan_safetensors *f, gan_network_config *c, gan_error *err) {
    for (size_t i = 0; i < NUMBERS; i++) {
        const char *text = gan_safetensors_metadata(f, numbers[i].key);
        char *end = NULL;
        if (!text && numbers[i].optional) continue;
        long long v = text ? strtoll(text, &end, 10) : 0;
        if (!text || end == text || *end) return missing(numbers[i].key, err);
        *(int64_t *)((char *)c + numbers[i].offset) = v;
    }
    return GAN_OK;
}

static gan_status read_description(const gan_safetensors *f, gan_network_config *c,
                                   gan_error *err) {
    const char *kind = gan_safetensors_metadata(f, "kind"),
               *arch = gan_safetensors_metadata(f, "arch");
    const char *drop = gan_safetensors_metadata(f, "dropout"),
               *spectral = gan_safetensors_metadata(f, "spectral");
    int norm = find_name(norms, gan_safetensors_metadata(f, "norm"), -1);
    int condition = find_name(conditions, gan_safetensors_metadata(f, "condition"), 0);
    *c = GAN_NETWORK_DEFAULTS;
    if (!kind || strcmp(kind, "generator"))
        return gan__fail(err, GAN_EFORMAT, "it does not hold a generator (its kind is '%.32s')",
                         kind ? kind : "not said");
    if (!arch || strlen(arch) >= sizeof c->arch) return missing("arch", err);
    strcpy(c->arch, arch);
    if (norm < 0) return missing("norm", err);
    if (condition < 0) return missing("condition", err);
    c->norm = (gan_norm_kind)norm;
    c->condition = (gan_condition)condition;
    if (spectral && strcmp(spectral, "0") && strcmp(spectral, "1")) return missing("spectral", err);
    c->spectral = spectral && *spectral == '1';
    c->dropout = drop ? gan__number_read(drop, NULL) : 0;
    return read_numbers(f, c, err);
}

/* A description is believed as far as the file has the weights for it: nothing larger is allocated.
 */
static gan_status check_weights(const gan_safetensors *f, const gan_network_config *c,
                                gan_error *err) {
    int64_t described, held = 0;
    gan_status s = gan__generator_weights(c, &described, err);
    if (s) return gan__prefix(err, GAN_EFORMAT, "its metadata");
    for (size_t i = 0; i < gan_safetensors_count(f); i++) {
        const gan_safetensors_entry *e = gan_safetensors_at(f, i);
        held += (int64_t)(e->bytes / gan_dtype_size(e->dtype));
    }
    if (described <= held) return GAN_OK;
    return gan__fail(err, GAN_EFORMAT,
                     "its metadata describe a network of %lld weights, it holds %lld numbers",
                     (long long)described, (long long)held);
}

static gan_status build(const gan_safetensors *f, gan_generator **out, gan_error *err) {
    gan_network_config c;
    gan_status s = read_description(f, &c, err);
    if (s) return s;
    if (!strcmp(c.arch, "custom"))
        return gan__fail(
            err, GAN_EUNSUPPORTED,
            "it holds a network of your own: build it, then load it with gan_parameters_load()");
    s = check_weights(f, &c, err);
    if (!s) s = gan_generator_create(&c, out, err);
    if (!s) s = gan__fetch_parameters(f, NULL, gan_generator_parameters(*out), 1, err);
    if (!s) s = gan__fetch_parameters(f, NULL, gan_generator_parameters(*out), 0, err);
    const char *z = gan_safetensors_metadata(f, "z");
    if (!s) gan_generator_set_uniform(*out, z && !strcmp(z, "uniform"));
    if (s) gan_generator_free(*out), *out = NULL;
    return s;
}

static int is_folder(const char *path) {
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* path, or path/name if path is a folder (gan__free). */
static char *inside(const char *path, const char *name) {
    return is_folder(path) ? gan__path_join(path, name) : gan__strdup(path);
}

gan_status gan_generator_load(const char *path, gan_generator **out, gan_error *err) {
    *out = NULL;
    char *file = inside(path, "generator.safetensors");
    gan_safetensors *f = NULL;
    if (!file) return gan__fail_memory(err);
    gan_status s = gan_safetensors_open(file, &f, err);
    if (!s) {
        s = build(f, out, err);
        if (s) gan__prefix(err, s, "%s", file);
    }
    gan_safetensors_close(f);
    gan__free(file);
    return s;
}

gan_status gan_parameters_load(gan_parameters *p, const char *path, gan_error *err) {
    gan_safetensors *f;
    gan_status s = gan_safetensors_open(path, &f, err);
    if (s) return s;
    s = gan__fetch_parameters(f, NULL, p, 1, err);
    if (!s) s = gan__fetch_parameters(f, NULL, p, 0, err);
    if (s) gan__prefix(err, s, "%s", path);
    gan_safetensors_close(f);
    return s;
}

static gan_status load_from_run(const char *path, const char *name, gan_parameters *p,
                                gan_error *err) {
    char *file = gan__path_join(path, name);
    if (!file) return gan__fail_memory(err);
    gan_status s = gan_parameters_load(p, file, err);
    gan__free(file);
    return s;
}

/* A run whose D was another may still have G's weights. */
static gan_status load_run(const char *path, gan_generator *g, gan_discriminator *d,
                           gan_error *err) {
    gan_parameters *pg = gan_generator_parameters(g), *pd = gan_discriminator_parameters(d);
    gan_status s = load_from_run(path, "generator.safetensors", pg, err);
    if (s) return s;
    s = load_from_run(path, "discriminator.safetensors", pd, err);
    if (s != GAN_ESHAPE && s != GAN_EFORMAT) return s;
    return gan__prefix(err, s, "the generator alone fits, as %.200s/generator.safetensors", path);
}

gan_status gan_networks_load(const char *path, gan_generator *g, gan_discriminator *d,
                             gan_error *err) {
    if (is_folder(path)) return load_run(path, g, d, err);
    gan_error other = {0};
    gan_status s = gan_parameters_load(gan_generator_parameters(g), path, err);
    if (!s || s == GAN_EIO || s == GAN_ENOMEM) return s;
    gan_status second = gan_parameters_load(gan_discriminator_parameters(d), path, &other);
    if (!second) return GAN_OK;
    if (second == GAN_ENOMEM) return gan__fail_memory(err);
    return gan__prefix(err, s, "it fits neither network");
}
