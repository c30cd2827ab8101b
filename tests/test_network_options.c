/* SPDX-License-Identifier: MIT
 *
 * Networks with spectral norms, minibatch standard deviation and packs: what they are made of, how
 * packs are formed, what is refused, and what files say of it. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "gan/checkpoint.h"
#include "gan/layer.h"
#include "gan/safetensors.h"
#include "networks.h"
#include "nn/network.h"
#include "tape_fixture.h"
#include "train/store.h"

enum { NZ = 5 };

static gan_network_config config(const char *arch) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    strcpy(c.arch, arch);
    c.height = c.width = strcmp(arch, "mlp") ? 28 : 3;
    c.channels = 3, c.features = 2, c.nz = NZ;
    return c;
}

/* How many names end so. */
static int ending(const gan_parameters *p, const char *end) {
    int n = 0;
    for (int i = 0; i < p->count; i++) {
        size_t length = strlen(p->item[i].name), tail = strlen(end);
        n += length >= tail && !strcmp(p->item[i].name + length - tail, end);
    }
    return n;
}

/* --- spectral norms --- */

static void assert_spectral(const gan_parameters *p, int weights) {
    assert_int_equal(ending(p, "parametrizations.weight.original"), weights);
    assert_int_equal(ending(p, "parametrizations.weight.0._u"), weights);
    assert_int_equal(ending(p, "parametrizations.weight.0._v"), weights);
}

/* All weights; the discriminator has no other norm unless it is asked for. */
static void spectral(void **state) {
    static const struct {
        const char *arch;
        int g, d;
    } rows[] = {{"dcgan", 3, 3}, {"mlp", 4, 3}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_network_config c = config(rows[i].arch);
        c.spectral = 1;
        gan_generator *g = generator(&c);
        gan_discriminator *d = discriminator(&c);
        assert_spectral(gan_generator_parameters(g), rows[i].g);
        assert_spectral(gan_discriminator_parameters(d), rows[i].d);
        assert_int_not_equal(ending(gan_generator_parameters(g), "running_mean"), 0);
        assert_int_equal(ending(gan_discriminator_parameters(d), "running_mean"), 0);
        assert_int_equal(gan_discriminator_mixes_batch(d), GAN_MIXES_NOTHING);
        gan_discriminator_free(d);
        c.norm = GAN_NORM_BATCH;
        d = discriminator(&c);
        assert_int_not_equal(ending(gan_discriminator_parameters(d), "running_mean"), 0);
        assert_int_equal(gan_discriminator_mixes_batch(d), GAN_MIXES_STATISTICS);
        gan_discriminator_free(d);
        gan_generator_free(g);
    }
}

/* --- minibatch standard deviation --- */

static void stddev(void **state) {
    static const char *const archs[] = {"dcgan", "mlp"}, *const last[] = {"main.5.weight",
                                                                          "main.6.weight"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        gan_network_config c = config(archs[i]);
        c.norm = GAN_NORM_NONE;
        c.stddev = 2;
        gan_discriminator *d = discriminator(&c);
        gan_tensor *w = find(gan_discriminator_parameters(d), last[i])->value;
        assert_int_equal(gan_tensor_dim(w, -1), (i ? 8 : 4) + 1);
        assert_int_equal(gan_discriminator_mixes_batch(d), GAN_MIXES_ON_PURPOSE);
        /* The score of an image moves with another image of its group, and with no other. */
        gan_rng r = gan_rng_make(1, 1, 1);
        int64_t side = c.height, size = side * side * 3;
        gan_tensor *x = random_input(t, &r, 4, DIMS(4, side, side, 3));
        gan_tensor *one = gan_discriminator_forward(t, d, x, NULL, &GAN_PASS_EVAL).scores;
        for (int64_t k = 0; k < size; k++) gan_tensor_edit(x)[2 * size + k] *= (gan_real)0.25;
        gan_tensor *two = gan_discriminator_forward(t, d, x, NULL, &GAN_PASS_EVAL).scores;
        assert_tape_ok(t);
        for (int n = 0; n < 4; n++)
            assert_int_equal(gan_tensor_data(one)[n] != gan_tensor_data(two)[n], n % 2 == 0);
        gan_discriminator_free(d);
        gan_tape_reset(t);
    }
}

/* --- packs --- */

/* The pictures of a pack, one channel after the other. */
static void pack_by_hand(const gan_real *x, int packs, int p, int pixels, int c, gan_real *y) {
    for (int n = 0; n < packs; n++)
        for (int k = 0; k < p; k++)
            for (int e = 0; e < pixels; e++)
                for (int i = 0; i < c; i++)
                    y[((n * pixels + e) * p + k) * c + i] = x[((n * p + k) * pixels + e) * c + i];
}

static void assert_packs(const char *arch, int p) {
    enum { PACKS = 2 };
    gan_network_config c = config(arch);
    c.norm = GAN_NORM_NONE;
    c.pack = p;
    gan_discriminator *d = discriminator(&c);
    gan_rng r = gan_rng_make(1, 1, 1);
    int64_t side = c.height;
    gan_tensor *x = random_input(t, &r, 4, DIMS(PACKS * p, side, side, 3));
    gan_tensor *y = gan_discriminator_forward(t, d, x, NULL, &GAN_PASS_EVAL).scores;
    gan_tensor *packed = gan_input(t, 4, DIMS(PACKS, side, side, 3 * p), NULL);
    pack_by_hand(gan_tensor_data(x), PACKS, p, (int)(side * side), 3, gan_tensor_edit(packed));
    gan_tensor *z = gan_module_forward(t, gan_discriminator_root(d), packed, &GAN_PASS_EVAL);
    assert_tape_ok(t);
    assert_shape(y, 1, DIMS(PACKS));
    assert_memory_equal(gan_tensor_data(y), gan_tensor_data(z), PACKS * sizeof(gan_real));
    assert_int_equal(gan_discriminator_mixes_batch(d),
                     p > 1 ? GAN_MIXES_ON_PURPOSE : GAN_MIXES_NOTHING);
    gan_discriminator_free(d);
    gan_tape_reset(t);
}

static void packs(void **state) {
    (void)state;
    for (int p = 1; p <= 3; p++) {
        assert_packs("dcgan", p);
        assert_packs("mlp", p);
    }
}

/* A network of the caller's gets packs too; what does not divide or fit is named. */
static void packs_of_own_networks(void **state) {
    gan_network_config c = config("mlp");
    gan_module *root = gan_sequential("main");
    gan_discriminator *d;
    (void)state;
    c.pack = 2;
    gan_module_add(root, NULL, gan_flatten(3, 3, 6));
    gan_module_add(root, NULL, gan_linear(54, 1, 1));
    assert_int_equal(gan_discriminator_wrap(root, &c, &d, NULL), GAN_OK);
    assert_shape(
        gan_discriminator_forward(t, d, INPUT(t, NULL, 6, 3, 3, 3), NULL, &GAN_PASS_EVAL).scores, 1,
        DIMS(3));
    gan_discriminator_forward(t, d, INPUT(t, NULL, 5, 3, 3, 3), NULL, &GAN_PASS_EVAL);
    assert_tape_failed(t, GAN_ESHAPE,
                       "discriminator: 5 images cannot be cut into packs of 2; give it a multiple "
                       "of that");
    gan_discriminator_forward(t, d, INPUT(t, NULL, 3, 3, 3, 6), NULL, &GAN_PASS_EVAL);
    assert_tape_failed(t, GAN_ESHAPE, "discriminator: images are 3x3x6, it is for 3x3x3");
    gan_discriminator_free(d);
    root = gan_sequential("main");
    assert_int_equal(gan_discriminator_wrap(root, &c, &d, NULL), GAN_OK);
    gan_discriminator_forward(t, d, INPUT(t, NULL, 6, 3, 3, 3), NULL, &GAN_PASS_EVAL);
    assert_tape_failed(t, GAN_ESHAPE, "discriminator: it gave 162 scores for 3 packs of images");
    gan_discriminator_free(d);
}

/* All at once, and gradients to every weight. */
static void together(void **state) {
    static const char *const archs[] = {"dcgan", "mlp"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        gan_network_config c = config(archs[i]);
        c.spectral = 1, c.stddev = 4, c.pack = 2;
        gan_discriminator *d = discriminator(&c);
        gan_spectral_update(gan_discriminator_root(d), 15);
        gan_rng r = gan_rng_make(1, 1, 1);
        gan_tensor *x = random_input(t, &r, 4, DIMS(8, c.height, c.width, 3));
        gan_tensor *y = gan_discriminator_forward(t, d, x, NULL, &GAN_PASS_TRAIN).scores;
        assert_shape(y, 1, DIMS(4));
        assert_gradients_reach(t, y, gan_discriminator_parameters(d));
        gan_discriminator_free(d);
        gan_tape_reset(t);
    }
}

/* --- refused --- */

static void assert_refused(const gan_network_config *c, const char *text) {
    gan_discriminator *d;
    gan_error err = {0};
    assert_int_equal(gan_discriminator_create(c, &d, &err), GAN_EINVAL);
    assert_string_equal(err.text, text);
}

static void ranges(void **state) {
    gan_network_config c = config("mlp");
    (void)state;
    c.pack = 0;
    assert_refused(&c, "discriminator: pack is 0, it must be from 1 to 64");
    c.pack = 65;
    assert_refused(&c, "discriminator: pack is 65, it must be from 1 to 64");
    c.pack = 1, c.stddev = -1;
    assert_refused(&c, "discriminator: stddev is -1, it must be from 0 to 1024");
    c.stddev = 1025;
    assert_refused(&c, "discriminator: stddev is 1025, it must be from 0 to 1024");
    c.stddev = 0, c.spectral = 2;
    assert_refused(&c, "discriminator: spectral is 2, it must be from 0 to 1");
}

/* A generator is the same with and without what is the discriminator's. */
static void generators_ignore_them(void **state) {
    gan_network_config c = config("dcgan");
    (void)state;
    gan_generator *plain = generator(&c);
    c.stddev = 4, c.pack = 3;
    gan_generator *g = generator(&c);
    assert_int_equal(gan_generator_parameters(g)->count, gan_generator_parameters(plain)->count);
    gan_generator_free(g);
    gan_generator_free(plain);
}

/* --- files --- */

static char dir[] = "/tmp/gan_options_XXXXXX", path[64];

static int make_folder(void **state) {
    if (!mkdtemp(dir)) return 1;
    snprintf(path, sizeof path, "%s/g.safetensors", dir);
    return setup(state);
}

static int remove_folder(void **state) {
    remove(path);
    return rmdir(dir) || teardown(state);
}

static void assert_metadata(const char *spectral, const char *stddev, const char *pack) {
    gan_safetensors *f;
    assert_int_equal(gan_safetensors_open(path, &f, NULL), GAN_OK);
    assert_string_equal(gan_safetensors_metadata(f, "spectral"), spectral);
    assert_string_equal(gan_safetensors_metadata(f, "stddev"), stddev);
    assert_string_equal(gan_safetensors_metadata(f, "pack"), pack);
    gan_safetensors_close(f);
}

static void assert_described(const gan_network_config *found, const gan_network_config *c) {
    assert_string_equal(found->arch, c->arch);
    assert_int_equal(found->norm, c->norm);
    assert_int_equal(found->spectral, c->spectral);
    assert_int_equal(found->stddev, c->stddev);
    assert_int_equal(found->pack, c->pack);
}

static void files_say_so(void **state) {
    static const char *const archs[] = {"dcgan", "mlp"};
    gan_error err = {0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        gan_network_config c = config(archs[i]);
        c.spectral = 1, c.stddev = 4, c.pack = 2;
        gan_discriminator *d = discriminator(&c);
        gan_generator *g = generator(&c), *loaded;
        assert_int_equal(gan_discriminator_save(d, path, NULL), GAN_OK);
        assert_metadata("1", "4", "2");
        assert_int_equal(gan_generator_save(g, path, NULL), GAN_OK);
        assert_metadata("1", "4", "2");
        if (gan_generator_load(path, &loaded, &err)) fail_msg("%s", err.text);
        assert_described(gan_generator_config(loaded), &c);
        gan_tensor *z = INPUT(t, VALUES(1, -1, 0.5F, 2, 0), 1, NZ);
        gan_tensor *x = gan_generator_forward(t, g, z, NULL, &GAN_PASS_EVAL),
                   *y = gan_generator_forward(t, loaded, z, NULL, &GAN_PASS_EVAL);
        assert_tape_ok(t);
        assert_memory_equal(gan_tensor_data(x), gan_tensor_data(y),
                            (size_t)gan_tensor_size(x) * sizeof(gan_real));
        gan_tape_reset(t);
        gan_generator_free(loaded);
        gan_generator_free(g);
        gan_discriminator_free(d);
    }
}

/* Writes a generator of arch mlp under this description; extra NULL: as before there were such
 * networks. */
static void write_described(gan_generator *g, const char *extra, const char *value) {
    static const char *const said[][2] = {
        {"kind", "generator"}, {"arch", "mlp"},   {"norm", "none"}, {"height", "3"},
        {"width", "3"},        {"channels", "3"}, {"nz", "5"},      {"features", "2"}};
    gan__store s = gan__store_begin();
    for (int i = 0; i < COUNT(said); i++)
        gan_safetensors_writer_add_metadata(s.writer, said[i][0], said[i][1]);
    if (extra) gan_safetensors_writer_add_metadata(s.writer, extra, value);
    gan__store_parameters(&s, NULL, gan_generator_parameters(g));
    assert_int_equal(gan__store_end(&s, path, NULL), GAN_OK);
}

static void files_without_or_with_nonsense(void **state) {
    static const char *const nonsense[][3] = {{"spectral", "yes", "usable 'spectral'"},
                                              {"pack", "two", "usable 'pack'"},
                                              {"pack", "0", "pack is 0"},
                                              {"stddev", "4x", "usable 'stddev'"},
                                              {"stddev", "5000", "stddev is 5000"}};
    gan_network_config c = config("mlp");
    gan_error err = {0};
    gan_generator *loaded;
    (void)state;
    c.norm = GAN_NORM_NONE;
    gan_generator *g = generator(&c);
    write_described(g, NULL, NULL);
    if (gan_generator_load(path, &loaded, &err)) fail_msg("%s", err.text);
    assert_described(gan_generator_config(loaded), &c);
    gan_generator_free(loaded);
    for (int i = 0; i < COUNT(nonsense); i++) {
        write_described(g, nonsense[i][0], nonsense[i][1]);
        assert_int_equal(gan_generator_load(path, &loaded, &err), GAN_EFORMAT);
        if (!strstr(err.text, nonsense[i][2])) fail_msg("%s", err.text);
    }
    gan_generator_free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectral),
        cmocka_unit_test(stddev),
        cmocka_unit_test(packs),
        cmocka_unit_test(packs_of_own_networks),
        cmocka_unit_test(together),
        cmocka_unit_test(ranges),
        cmocka_unit_test(generators_ignore_them),
        cmocka_unit_test(files_say_so),
        cmocka_unit_test(files_without_or_with_nonsense),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
