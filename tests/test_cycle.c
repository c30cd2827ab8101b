/* SPDX-License-Identifier: MIT
 *
 * Translation without pairs: data sets side by side, twin networks, images of earlier steps, terms of
 * the way there and back, runs that go on. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "gan/sampler.h"
#include "image_gen.h"
#include "train/step.h"

#include "tape_fixture.h" /* last: its tape is called t */

enum { SIDE = 8 };

/* n pictures of one grey value each, from `first` on. */
static gan_dataset *set(int n, int first, double holdout) {
    uint8_t pixels[16 * SIDE * SIDE];
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_dataset *ds;
    for (int i = 0; i < n * SIDE * SIDE; i++)
        pixels[i] = (uint8_t)(first + i / (SIDE * SIDE) + i % SIDE);
    o.height = o.width = SIDE, o.channels = 1, o.holdout = holdout;
    assert_int_equal(gan_dataset_from_memory(pixels, (size_t)n, SIDE, SIDE, 1, NULL, &o, &ds, NULL),
                     GAN_OK);
    return ds;
}

static gan_dataset *pairs(int a, int b, double holdout) {
    gan_dataset *ds;
    gan_error err = {0};
    if (gan_dataset_pair(set(a, 10, holdout), set(b, 150, holdout), &ds, &err))
        fail_msg("%s", err.text);
    return ds;
}

/* --- the data --- */

static int byte_of(gan_real x) {
    return (int)lround(((double)x + 1) * 127.5);
}

static void sets_side_by_side(void **state) {
    gan_dataset *ds = pairs(3, 5, 0);
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *l;
    int left[3] = {0}, right[5] = {0};
    (void)state;
    assert_int_equal(gan_dataset_train_count(ds), 5);
    assert_int_equal(gan_dataset_width(ds), 2 * SIDE);
    o.batch = 1;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    for (int k = 0; k < 5; k++) {
        gan_real x[SIDE * 2 * SIDE];
        assert_int_equal(gan_loader_next(l, x, NULL, NULL), GAN_OK);
        left[byte_of(x[0]) - 10]++, right[byte_of(x[SIDE]) - 150]++;
        for (int i = 0; i < SIDE * 2 * SIDE; i++)
            assert_int_equal(byte_of(x[i]), byte_of(x[i / SIDE % 2 * SIDE]) + i % SIDE);
    }
    for (int i = 0; i < 5; i++) assert_int_equal(right[i], 1);
    for (int i = 0; i < 3; i++) assert_true(left[i] == 1 || left[i] == 2);
    gan_loader_free(l);
    gan_dataset_free(ds);
}

/* A picture that a set holds out is in no pair to train on, however often the set comes round. */
static void held_out_stays_so(void **state) {
    gan_dataset *ds = pairs(4, 16, 0.25);
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *l;
    gan_real x[SIDE * 2 * SIDE];
    int seen[256] = {0};
    (void)state;
    assert_int_equal(gan_dataset_train_count(ds), 12);
    assert_int_equal(gan_dataset_holdout_count(ds), 4);
    o.batch = 1;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    for (int k = 0; k < 6 * 12; k++) { /* partners of six epochs, each turned in its own way */
        assert_int_equal(gan_loader_next(l, x, NULL, NULL), GAN_OK);
        seen[byte_of(x[0])]++, seen[byte_of(x[SIDE])]++;
    }
    for (int i = 0; i < 4; i++) assert_true(seen[10 + i] == 0 || seen[10 + i] == 6 * 4);
    for (int i = 0; i < 16; i++) assert_true(seen[150 + i] == 0 || seen[150 + i] == 6);
    for (uint64_t k = 0; k < 4; k++) {
        assert_int_equal(gan_loader_holdout(l, k, x, NULL, NULL), GAN_OK);
        assert_int_equal(seen[byte_of(x[0])], 0);
        assert_int_equal(seen[byte_of(x[SIDE])], 0);
    }
    gan_loader_free(l);
    gan_dataset_free(ds);
}

/* Of an epoch that is none of the first, partners are others than before, and going back finds
 * them again. */
static void partners_change(void **state) {
    enum { PICTURES = 6, EPOCHS = 8 };
    gan_dataset *ds = pairs(PICTURES, PICTURES, 0);
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *l;
    gan_real x[SIDE * 2 * SIDE];
    int partner[EPOCHS][256], changes = 0;
    (void)state;
    o.batch = 1;
    assert_int_equal(gan_loader_create(ds, &o, &l, NULL), GAN_OK);
    for (int again = 0; again < 2; again++)
        for (int k = 0; k < EPOCHS * PICTURES; k++) {
            gan_loader_seek(l, (uint64_t)k);
            assert_int_equal(gan_loader_next(l, x, NULL, NULL), GAN_OK);
            int *seen = &partner[k / PICTURES][byte_of(x[0])], right = byte_of(x[SIDE]);
            if (again) assert_int_equal(*seen, right);
            *seen = right;
        }
    for (int e = 0; e < EPOCHS; e++) {
        int met[256] = {0};
        for (int i = 0; i < PICTURES; i++) {
            int right = partner[e][10 + i];
            assert_int_equal(met[right]++, 0); /* each of the right once */
            changes += right != partner[0][10 + i];
        }
    }
    assert_true(changes > EPOCHS * PICTURES / 2);
    gan_loader_free(l);
    gan_dataset_free(ds);
}

static void sets_that_differ(void **state) {
    uint8_t pixel = 0;
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    gan_dataset *other, *ds;
    gan_error err = {0};
    (void)state;
    o.height = o.width = o.channels = 0, o.holdout = 0;
    assert_int_equal(gan_dataset_from_memory(&pixel, 1, 1, 1, 1, NULL, &o, &other, NULL), GAN_OK);
    assert_int_equal(gan_dataset_pair(set(2, 0, 0), other, &ds, &err), GAN_EINVAL);
    assert_non_null(strstr(err.text, "make no pairs"));
    gan_dataset *a = pairs(2, 3, 0), *b = pairs(3, 2, 0);
    assert_true(gan_dataset_fingerprint(a) != gan_dataset_fingerprint(b));
    gan_dataset_free(a);
    gan_dataset_free(b);
}

/* --- a trainer --- */

#define CYCLE                                                                                      \
    "task", "cycle", "data-b", "there", "size", "8", "channels", "1", "width", "1", "depth", "1",  \
        "batch", "2", "threads", "1", "loss", "lsgan", "lr-g", "0.01", "lr-d", "0.01", "add",      \
        "cycle:10+identity:5", "sample-count", "6", "init", "he"

static void open_run(gen_run *r, const char *const *settings) {
    gan_error err = {0};
    gan_config_init(&r->config);
    for (const char *const *s = settings; *s; s += 2)
        if (gan_config_set(&r->config, s[0], s[1], &err)) fail_msg("%s", err.text);
    if (gan_config_resolve(&r->config, &err)) fail_msg("%s", err.text);
    gan_network_config gc = gan_config_generator(&r->config),
                       dc = gan_config_discriminator(&r->config);
    r->data = pairs(9, 12, 0.25);
    gan_status s = gan_generator_create(&gc, &r->g, &err);
    if (!s) s = gan_discriminator_create(&dc, &r->d, &err);
    if (!s) s = gan_trainer_create(&r->config, r->g, r->d, r->data, &r->tr, &err);
    if (!s) s = gan_trainer_initialise(r->tr, &err);
    if (s) fail_msg("%s", err.text);
}

/* Every weight of all four networks moves, under the names of both ways. */
static void four_networks(void **state) {
    gen_run r, fresh;
    (void)state;
    open_run(&r, (const char *const[]){CYCLE, NULL});
    open_run(&fresh, (const char *const[]){CYCLE, NULL});
    gan_report report = gen_steps(&r, 2);
    assert_int_equal(report.term_count, 2);
    assert_true(report.terms[0].value > 0 && report.terms[1].value > 0);
    for (int side = 0; side < 2; side++) {
        gan_parameters *p =
                           side ? gan_discriminator_parameters(r.d) : gan_generator_parameters(r.g),
                       *q = side ? gan_discriminator_parameters(fresh.d)
                                 : gan_generator_parameters(fresh.g);
        int there = 0, back = 0, weights = 0;
        for (int i = 0; i < p->count; i++) {
            there += !strncmp(p->item[i].name, "there.", 6);
            back += !strncmp(p->item[i].name, "back.", 5);
            if (p->item[i].role != GAN_ROLE_WEIGHT) continue;
            assert_false(gen_same(&p->item[i], &q->item[i]));
            weights++;
        }
        assert_true(there == back && there + back == p->count && weights > 4);
    }
    gen_close(&r);
    gen_close(&fresh);
}

static void pictures_come_back(void **state) {
    gen_run r;
    (void)state;
    open_run(&r, (const char *const[]){CYCLE, NULL});
    gan_report first = gen_steps(&r, 1), last = gen_steps(&r, 150);
    assert_true(last.terms[0].value < 0.6 * first.terms[0].value);
    assert_true(last.terms[1].value < 0.8 * first.terms[1].value);
    gen_close(&r);
}

/* What a twin makes is what the pass asks for. */
static void ways(void **state) {
    gen_run r;
    const gan_pass there = GAN_PASS_EVAL, back = {.back = 1};
    (void)state;
    open_run(&r, (const char *const[]){CYCLE, NULL});
    gan_tensor *x = gan_input(t, 4, DIMS(1, SIDE, SIDE, 1), NULL);
    for (int i = 0; i < SIDE * SIDE; i++) gan_tensor_edit(x)[i] = (gan_real)(i % 5) / 5;
    gan_tensor *a = gan_generator_forward(t, r.g, x, NULL, &there);
    gan_tensor *b = gan_generator_forward(t, r.g, x, NULL, &back);
    gan_tensor *again = gan_generator_forward(t, r.g, x, NULL, &there);
    assert_tape_ok(t);
    assert_memory_equal(gan_tensor_data(a), gan_tensor_data(again), SIDE * SIDE * sizeof(gan_real));
    assert_memory_not_equal(gan_tensor_data(a), gan_tensor_data(b), SIDE * SIDE * sizeof(gan_real));
    gan_tape_reset(t);
    gen_close(&r);
}

/* Patches have more scores than are ranked: those that are stand for all. */
static void scores_of_many(void **state) {
    enum { MANY = 3 * GAN__KEPT_SCORES };
    gan_real kept[GAN__KEPT_SCORES];
    (void)state;
    gan_tensor *x = gan_input(t, 1, DIMS(MANY), NULL);
    for (int i = 0; i < MANY; i++) gan_tensor_edit(x)[i] = (gan_real)i;
    assert_int_equal(gan__ranked(x, kept), GAN__KEPT_SCORES);
    for (int i = 0; i < GAN__KEPT_SCORES; i++) assert_true(kept[i] == 3 * i + i % 3);
    assert_int_equal(gan__ranked(NULL, kept), 0);
    gan_tape_reset(t);
}

/* --- images of earlier steps --- */

/* Nothing is lost and nothing made: what has been shown and what is kept is what was given. */
static void image_pool(void **state) {
    enum { ROUNDS = 60, KEPT = 6 };
    gen_run r;
    int given = 0, old = 0;
    double sum = 0;
    (void)state;
    open_run(&r, (const char *const[]){CYCLE, "image-pool", "6", NULL});
    const gan_real *pool = gan_tensor_data(r.tr->pool) + KEPT * SIDE * SIDE; /* of the way back */
    for (int k = 0; k < ROUNDS; k++) {
        gan_real x[2 * SIDE * SIDE];
        for (int i = 0; i < 2 * SIDE * SIDE; i++) x[i] = (gan_real)(given + i / (SIDE * SIDE));
        gan_tape_reset(r.tr->tape);
        const gan_tensor *images = gan_input(r.tr->tape, 4, DIMS(2, SIDE, SIDE, 1), x);
        const gan_tensor *shown = gan__pool_exchange(r.tr, images, k, 1);
        for (int i = 0; i < 2; i++, given++) {
            double v = (double)gan_tensor_data(shown)[i * SIDE * SIDE];
            if (given < KEPT) assert_true(v == given);
            old += v != given, sum += given - v;
        }
    }
    for (int i = 0; i < KEPT; i++) sum -= (double)pool[i * SIDE * SIDE];
    sum += KEPT * (KEPT - 1) / 2.0; /* the first ones were kept and shown */
    assert_true(fabs(sum) < 1e-3);
    assert_true(old > 2 * ROUNDS / 4 && old < 2 * ROUNDS * 3 / 4);
    gen_close(&r);
}

/* --- runs --- */

static void runs_go_on(void **state) {
    static const char *const settings[] = {CYCLE,     "image-pool", "3",       "noise", "0.1",
                                           "augment", "xint",       "penalty", "r1:1",  NULL};
    gen_run whole;
    gan_error err = {0};
    char file[] = "/tmp/gan-cycle-XXXXXX";
    (void)state;
    close(mkstemp(file));
    gen_goes_on(&whole, open_run, settings, file);
    assert_int_equal(gan_trainer_write_samples(whole.tr, file, &err), GAN_OK);
    gen_close(&whole);
    remove(file);
}

/* One network cannot be there and back. */
static void refused_networks(void **state) {
    gan_config c;
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *tr;
    gan_dataset *data = pairs(9, 12, 0.25);
    gan_error err = {0};
    static const char *const settings[] = {CYCLE, NULL};
    (void)state;
    gan_config_init(&c);
    for (const char *const *s = settings; *s; s += 2)
        assert_int_equal(gan_config_set(&c, s[0], s[1], NULL), GAN_OK);
    assert_int_equal(gan_config_resolve(&c, NULL), GAN_OK);
    gan_network_config gc = gan_config_generator(&c), dc = gan_config_discriminator(&c);
    gc.twin = 0;
    assert_int_equal(gan_generator_create(&gc, &g, NULL), GAN_OK);
    assert_int_equal(gan_discriminator_create(&dc, &d, NULL), GAN_OK);
    assert_int_equal(gan_trainer_create(&c, g, d, data, &tr, &err), GAN_EMODEL);
    assert_non_null(strstr(err.text, "twin"));
    gan_real x[SIDE * SIDE] = {0};
    assert_int_equal(gan_apply(g, x, SIDE, SIDE, 0, 0, 1, x, 1, &err), GAN_EINVAL);
    assert_int_equal(gan_sample(g, x, NULL, 1, x, 1, &err), GAN_EINVAL);
    gan_generator_free(g);
    gan_discriminator_free(d);
    gan_dataset_free(data);
}

static void refused(void **state) {
    static const char *const rows[][8] = {
        {"wants --data-b", "task", "cycle", "add", "cycle:1"},
        {"give --add cycle:10+identity:5", "task", "cycle", "data-b", "x"},
        {"no targets", "task", "cycle", "data-b", "x", "add", "cycle:1+l1:1"},
        {"has no way back", "task", "translate", "add", "cycle:1"},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_config c;
        gan_error err = {0};
        gan_config_init(&c);
        for (int k = 1; k < 8 && rows[i][k]; k += 2)
            assert_int_equal(gan_config_set(&c, rows[i][k], rows[i][k + 1], NULL), GAN_OK);
        assert_int_equal(gan_config_resolve(&c, &err), GAN_EINVAL);
        if (!strstr(err.text, rows[i][0])) fail_msg("%s: %s", rows[i][0], err.text);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sets_side_by_side),
        TEST(held_out_stays_so),
        TEST(partners_change),
        TEST(sets_that_differ),
        TEST(four_networks),
        TEST(pictures_come_back),
        TEST(ways),
        TEST(scores_of_many),
        TEST(image_pool),
        TEST(runs_go_on),
        TEST(refused),
        TEST(refused_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
