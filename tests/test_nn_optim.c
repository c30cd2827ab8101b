/* SPDX-License-Identifier: MIT
 *
 * What moves weights: schedules, optimizers against their formulas in double, averages; and the
 * sampler, which shows where they have got to. */
#include "support.h"

#include <stdlib.h>

#include "gan/layer.h"
#include "gan/optim.h"
#include "gan/sampler.h"
#include "gan/schedule.h"

/* --- schedules --- */

static void schedules_are_read(void **state) {
    gan_schedule s;
    (void)state;
    assert_int_equal(gan_schedule_parse("5", &s, NULL), GAN_OK);
    assert_int_equal(s.count, 1);
    assert_true(gan_schedule_at(&s, 0) == 5 && gan_schedule_at(&s, INT64_MAX) == 5);
    assert_int_equal(gan_schedule_parse("5@0,2@2000,1.5@10000", &s, NULL), GAN_OK);
    assert_int_equal(s.count, 3);
    assert_true(gan_schedule_at(&s, 1999) == 5 && gan_schedule_at(&s, 2000) == 2);
    assert_true(gan_schedule_at(&s, 9999) == 2 && gan_schedule_at(&s, 10000) == 1.5);
}

/* Against the formulas of the header. */
static void curves_follow_their_formulas(void **state) {
    static const struct {
        const char *text;
        int64_t step;
        double value;
    } rows[] = {
        {"linear(2->1, 10..20)", 0, 2},
        {"linear(2->1, 10..20)", 15, 1.5},
        {"linear(2->1, 10..20)", 99, 1},
        {"linear(0->8,4)", 1, 2},
        {"cosine(2->0, 10..20)", 10, 2},
        {"cosine(2->0, 10..20)", 15, 1},
        {"cosine(2->0, 0..3)", 1, 1.5},
        {"cosine(2->0, 10..20)", 20, 0},
        {"exp(8->2, 10..20)", 15, 4},
        {"exp(8->2, 10..20)", 21, 2},
        {"step(8*0.5, 100)", 99, 8},
        {"step(8*0.5, 100)", 250, 2},
        {"warmup(4)*8", 0, 2},
        {"warmup(4)*8", 3, 8},
        {"warmup(4)*8", 4, 8},
        {"warmup(4)*8@0,4@2", 2, 3},
        {"warmup(2)*linear(8->0, 4)", 0, 4},
        {"warmup(2)*linear(8->0, 4)", 2, 4},
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_schedule s;
        assert_int_equal(gan_schedule_parse(rows[i].text, &s, NULL), GAN_OK);
        double v = gan_schedule_at(&s, rows[i].step);
        if (fabs(v - rows[i].value) > 1e-12) fail_msg("%s: %.17g", rows[i].text, v);
    }
}

static void schedules_have_a_range(void **state) {
    static const struct {
        const char *text;
        double low, high;
    } rows[] = {{"3", 3, 3},
                {"3@0,9@1,1@2", 1, 9},
                {"linear(2->5, 9)", 2, 5},
                {"exp(5->2, 9)", 2, 5},
                {"step(5*0.1, 9)", 0, 5},
                {"step(5*1, 9)", 5, 5}};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_schedule s;
        double low, high;
        assert_int_equal(gan_schedule_parse(rows[i].text, &s, NULL), GAN_OK);
        gan_schedule_range(&s, &low, &high);
        assert_true(low == rows[i].low && high == rows[i].high);
    }
}

static void schedules_show_what_they_cannot_read(void **state) {
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "a number is wanted at its end"},
        {"5@", "a step is wanted at its end"},
        {"x@1", "a number is wanted at 'x@1'"},
        {"5@3", "the first piece must start at step 0 at '5@3'"},
        {"5@0,2@0", "steps must rise at '2@0'"},
        {"5@0,2@9,1@4", "steps must rise at '1@4'"},
        {"5,2@3", "'@step' is wanted at ',2@3'"},
        {"5@0,2", "'@step' is wanted at its end"},
        {"5@0,", "a number is wanted at its end"},
        {"5@0;2@3", "',' is wanted at ';2@3'"},
        {"5@0x", "',' is wanted at 'x'"},
        {"5@-1", "a step is wanted at '-1'"},
        {"-5", "a number of 0 or more is wanted at '-5'"},
        {"nan", "a number is wanted at 'nan'"},
        {"1e999", "a number is wanted at '1e999'"},
        {"linear(1->2)", "',' is wanted at ')'"},
        {"linear(1->2, 9..9)", "a larger step is wanted at '9)'"},
        {"linear(1->-2, 9)", "a number of 0 or more is wanted at '-2, 9)'"},
        {"linear(1, 9)", "'->' is wanted at ', 9)'"},
        {"cosine 1", "'(' is wanted at '1'"},
        {"exp(1->0, 9)", "exp goes between numbers above 0 at '(1->0, 9)'"},
        {"step(1*2, 9)", "a factor of at most 1 is wanted at '2, 9)'"},
        {"step(1*0.5, 0)", "a larger step is wanted at '0)'"},
        {"warmup(9)", "'*' and a schedule are wanted at its end"},
        {"warmup(9)*", "a number is wanted at its end"},
        {"linear(1->2, 9)5", "the end is wanted at '5'"},
        {"steplinear(1->2, 9)", "'(' is wanted at 'linear(1->2, 9)'"},
        {"5@99999999999999999999", "a step is wanted at '99999999999999999999'"},
    };
    char want[256];
    (void)state;
    for (int i = 0; i < COUNT(bad); i++) {
        gan_schedule s = {.count = 77};
        gan_error err = {0};
        assert_int_equal(gan_schedule_parse(bad[i].text, &s, &err), GAN_EINVAL);
        snprintf(want, sizeof want,
                 "schedule '%s': %s; write 5, or 5@0,1@2000, or linear(2e-4->0, 5000..20000)",
                 bad[i].text, bad[i].why);
        assert_string_equal(err.text, want);
        assert_int_equal(s.count, 77);
    }
}

static void schedules_have_a_limit(void **state) {
    char text[1024] = "1@0";
    gan_schedule s;
    gan_error err = {0};
    (void)state;
    for (int i = 1; i < GAN_SCHEDULE_PIECES; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), ",%d@%d", i, i);
    assert_int_equal(gan_schedule_parse(text, &s, &err), GAN_OK);
    strcat(text, ",1@1000");
    assert_int_equal(gan_schedule_parse(text, &s, &err), GAN_EINVAL);
    assert_non_null(strstr(err.text, "too many pieces at '1@1000'"));
}

static void a_long_schedule_leaves_room_for_the_remedy(void **state) {
    char text[1024] = "";
    gan_schedule s;
    gan_error err = {0};
    (void)state;
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(gan_schedule_parse(text, &s, &err), GAN_EINVAL);
    assert_non_null(strstr(err.text, "; write 5, or 5@0,1@2000, or linear(2e-4->0, 5000..20000)"));
}

/* --- optimizers --- */

enum { IN = 37, OUT = 300 }; /* more than one tile of elements */

typedef struct fixture {
    gan_module *net;
    gan_parameters p;
    gan_optimizer *o;
    gan_tape *t;
    gan_tensor *grads[2];
} fixture;

static void open_fixture(fixture *f, const gan_optimizer_config *c) {
    gan_error err = {0};
    f->net = gan_sequential("main");
    gan_module_add(f->net, NULL, gan_batch_norm_layer(3));
    gan_module_add(f->net, NULL, gan_linear(IN, OUT, 0));
    if (gan_parameters_collect(f->net, &f->p, &err)) fail_msg("%s", err.text);
    gan_parameters_initialise(&f->p, GAN_INIT_HE, 1, 1);
    if (gan_optimizer_create(c, &f->p, &f->o, &err)) fail_msg("%s", err.text);
    f->t = gan_tape_create(2);
}

static void close_fixture(fixture *f) {
    gan_optimizer_free(f->o);
    gan_parameters_free(&f->p);
    gan_module_free(f->net);
    gan_tape_free(f->t);
}

/* weight and bias of the norm, weight of the linear layer */
static gan_status update(fixture *f, int step, double spoil, double *norm, gan_error *err) {
    gan_tensor *grads[3];
    gan_rng r = gan_rng_make(5, 5, (uint64_t)step);
    gan_tape_reset(f->t);
    for (int i = 0; i < 3; i++) {
        gan_tensor *w = gan_optimizer_tensors(f->o)[i];
        int64_t n = gan_tensor_size(w);
        grads[i] = gan_input(f->t, 1, &n, NULL);
        gan_rng_fill_normal(&r, gan_tensor_edit(grads[i]), (size_t)n, 0, 1);
    }
    if (spoil != 0) gan_tensor_edit(grads[2])[7] = (gan_real)spoil;
    f->grads[0] = grads[0], f->grads[1] = grads[2];
    return gan_optimizer_step(f->o, grads, 0.01, 2, norm, err);
}

/* One element, as the header writes it. */
typedef struct element {
    double w, m, v;
} element;

static void naive(element *e, const gan_optimizer_config *c, double g, int t) {
    const double lr = 0.01;
    switch (c->kind) {
    case GAN_ADAM:
        e->m = c->beta1 * e->m + (1 - c->beta1) * g;
        e->v = c->beta2 * e->v + (1 - c->beta2) * g * g;
        e->w -=
            lr * (e->m / (1 - pow(c->beta1, t))) / (sqrt(e->v / (1 - pow(c->beta2, t))) + c->eps);
        break;
    case GAN_RMSPROP:
        e->v = c->beta2 * e->v + (1 - c->beta2) * g * g;
        e->w -= lr * g / (sqrt(e->v) + c->eps);
        break;
    case GAN_SGD:
        e->m = c->beta1 * e->m + g;
        e->w -= lr * e->m;
        break;
    }
}

static void follow(const gan_optimizer_config *c) {
    static element e[IN * OUT];
    fixture f;
    gan_error err = {0};
    open_fixture(&f, c);
    gan_tensor *w = gan_optimizer_tensors(f.o)[2];
    for (int i = 0; i < IN * OUT; i++) e[i] = (element){(double)gan_tensor_data(w)[i], 0, 0};
    for (int t = 1; t <= 5; t++) {
        double norm;
        assert_int_equal(update(&f, t, 0, &norm, &err), GAN_OK);
        double scale = c->clip_norm > 0 && norm > c->clip_norm ? c->clip_norm / norm : 1;
        for (int i = 0; i < IN * OUT; i++)
            naive(&e[i], c, scale * (double)gan_tensor_data(f.grads[1])[i], t);
    }
    for (int i = 0; i < IN * OUT; i++)
        if (fabs(e[i].w - (double)gan_tensor_data(w)[i]) > 2e-6)
            fail_msg("kind %d, element %d: %.9g, not %.9g", (int)c->kind, i,
                     (double)gan_tensor_data(w)[i], e[i].w);
    assert_int_equal(*gan_optimizer_steps(f.o), 5);
    close_fixture(&f);
}

static void optimizers_follow_their_formulas(void **state) {
    (void)state;
    for (int kind = GAN_ADAM; kind <= GAN_SGD; kind++)
        for (int variant = 0; variant < 3; variant++) {
            gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
            c.kind = (gan_optimizer_kind)kind;
            if (variant == 1) c.beta1 = 0, c.beta2 = 0.9, c.eps = 1e-3;
            if (variant == 2) c.clip_norm = 3;
            follow(&c);
        }
}

static void norm_is_of_all_gradients_before_clipping(void **state) {
    gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
    fixture f;
    double norm = 0, squares = 0;
    (void)state;
    c.clip_norm = 1e-3;
    open_fixture(&f, &c);
    assert_int_equal(gan_optimizer_count(f.o), 3);
    assert_string_equal(gan_optimizer_name(f.o, 2), "main.1.weight");
    assert_int_equal(update(&f, 1, 0, &norm, NULL), GAN_OK);
    gan_rng r = gan_rng_make(5, 5, 1);
    static gan_real all[IN * OUT];
    const size_t sizes[] = {3, 3, IN * OUT};
    for (int i = 0; i < 3; i++) {
        gan_rng_fill_normal(&r, all, sizes[i], 0, 1);
        for (size_t k = 0; k < sizes[i]; k++) squares += (double)all[k] * (double)all[k];
    }
    assert_true(fabs(norm - sqrt(squares)) < 1e-9 * norm);
    close_fixture(&f);
}

static void moments_are_those_of_the_kind(void **state) {
    static const int kept[3][2] = {{1, 1}, {0, 1}, {1, 0}};
    (void)state;
    for (int kind = GAN_ADAM; kind <= GAN_SGD; kind++) {
        gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
        fixture f;
        c.kind = (gan_optimizer_kind)kind;
        open_fixture(&f, &c);
        for (int k = 0; k < 2; k++)
            assert_int_equal(gan_optimizer_moment(f.o, 0, k) != NULL, kept[kind][k]);
        close_fixture(&f);
    }
}

static void divergence_changes_nothing(void **state) {
    static gan_real before[IN * OUT];
    static const double bad[] = {HUGE_VAL, -HUGE_VAL, (double)NAN};
    gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
    fixture f;
    (void)state;
    open_fixture(&f, &c);
    assert_int_equal(update(&f, 1, 0, NULL, NULL), GAN_OK);
    memcpy(before, gan_tensor_data(gan_optimizer_tensors(f.o)[2]), sizeof before);
    gan_real first = *gan_tensor_data(gan_optimizer_tensors(f.o)[0]);
    gan_real m = *gan_tensor_data(gan_optimizer_moment(f.o, 0, 0));
    for (int i = 0; i < COUNT(bad); i++) {
        gan_error err = {0};
        assert_int_equal(update(&f, 2, bad[i], NULL, &err), GAN_EDIVERGED);
        assert_string_equal(err.text, "the gradient of main.1.weight is not finite; a lower "
                                      "learning rate or --clip-norm may help");
        assert_memory_equal(before, gan_tensor_data(gan_optimizer_tensors(f.o)[2]), sizeof before);
        assert_true(first == *gan_tensor_data(gan_optimizer_tensors(f.o)[0]));
        assert_true(m == *gan_tensor_data(gan_optimizer_moment(f.o, 0, 0)));
        assert_int_equal(*gan_optimizer_steps(f.o), 1);
    }
    close_fixture(&f);
}

static void weights_are_clipped(void **state) {
    gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
    fixture f;
    (void)state;
    open_fixture(&f, &c);
    gan_optimizer_clip_weights(f.o, 0.01, 2);
    for (int i = 0; i < gan_optimizer_count(f.o); i++)
        for (int64_t k = 0; k < gan_tensor_size(gan_optimizer_tensors(f.o)[i]); k++)
            assert_true(fabs((double)gan_tensor_data(gan_optimizer_tensors(f.o)[i])[k]) <=
                        0.0100001);
    assert_true(gan_tensor_data(f.p.item[3].value)[0] == 1); /* a running variance is no weight */
    close_fixture(&f);
}

static void optimizer_settings_are_checked(void **state) {
    static const struct {
        double beta1, beta2, eps, clip;
        const char *text;
    } bad[] = {{1, 0.9, 1e-8, 0, "beta1 1 and beta2 0.9 must be from 0 to below 1"},
               {0, -0.1, 1e-8, 0, "beta1 0 and beta2 -0.1 must be from 0 to below 1"},
               {0, 0, 0, 0, "eps 0 must be above 0 and clip_norm 0 not below it"},
               {0, 0, 1, -2, "eps 1 must be above 0 and clip_norm -2 not below it"}};
    gan_parameters none = {0};
    gan_optimizer *o;
    gan_error err = {0};
    (void)state;
    for (int i = 0; i < COUNT(bad); i++) {
        gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
        c.beta1 = bad[i].beta1, c.beta2 = bad[i].beta2, c.eps = bad[i].eps;
        c.clip_norm = bad[i].clip;
        assert_int_equal(gan_optimizer_create(&c, &none, &o, &err), GAN_EINVAL);
        assert_string_equal(err.text, bad[i].text);
    }
    gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
    c.kind = (gan_optimizer_kind)GAN_SGD + 1;
    assert_int_equal(gan_optimizer_create(&c, &none, &o, &err), GAN_EINVAL);
    assert_string_equal(err.text, "there is no optimizer 3");
    gan_optimizer_free(NULL);
}

/* --- the average --- */

static void average_moves_and_swaps(void **state) {
    gan_optimizer_config c = GAN_OPTIMIZER_DEFAULTS;
    gan_ema *e;
    gan_error err = {0};
    fixture f;
    (void)state;
    open_fixture(&f, &c);
    assert_int_equal(gan_ema_create(0.75, &f.p, &e, &err), GAN_OK);
    gan_tensor *w = f.p.item[5].value, *a = gan_ema_value(e, 5);
    assert_null(gan_ema_value(e, 2)); /* running mean */
    double want = (double)gan_tensor_data(w)[0];
    assert_true((double)gan_tensor_data(a)[0] == want);
    for (int i = 0; i < 4; i++) {
        gan_tensor_edit(w)[0] = (gan_real)i;
        want += 0.25 * (i - want);
        gan_ema_update(e, 2);
    }
    assert_true(fabs((double)gan_tensor_data(a)[0] - want) < 1e-6);
    gan_ema_swap(e);
    assert_true(fabs((double)gan_tensor_data(w)[0] - want) < 1e-6);
    gan_ema_swap(e);
    assert_true(gan_tensor_data(w)[0] == 3);
    gan_ema_free(e);
    assert_int_equal(gan_ema_create(1, &f.p, &e, &err), GAN_EINVAL);
    assert_string_equal(err.text, "ema is 1, it must be from 0 to below 1, 0.999 for example");
    gan_ema_free(NULL);
    close_fixture(&f);
}

/* --- the sampler --- */

enum { NZ = 6, MANY = 37, PIXELS = 28 * 28 };

static void an_image_depends_on_seed_and_index(void **state) {
    static gan_real z[MANY * NZ], one[NZ], all[MANY * PIXELS], some[MANY * PIXELS];
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    gan_generator *g;
    (void)state;
    c.height = c.width = 28, c.channels = 1, c.features = 2, c.nz = NZ;
    assert_int_equal(gan_generator_create(&c, &g, NULL), GAN_OK);
    gan_parameters_initialise(gan_generator_parameters(g), GAN_INIT_HE, 1, 1);
    for (int uniform = 0; uniform < 2; uniform++) {
        gan_generator_set_uniform(g, uniform);
        gan_sample_noise(g, 9, 0, MANY, z);
        gan_sample_noise(g, 9, 20, 1, one);
        assert_memory_equal(one, z + 20 * NZ, sizeof one);
        assert_int_equal(gan_sample(g, z, NULL, MANY, all, 1, NULL), GAN_OK);
        for (size_t count = 1; count <= MANY; count += 12) {
            assert_int_equal(gan_sample(g, z, NULL, count, some, 1 + (int)count % 3, NULL), GAN_OK);
            assert_memory_equal(some, all, count * PIXELS * sizeof *all);
        }
        assert_int_equal(gan_sample(g, one, NULL, 1, some, 2, NULL), GAN_OK);
        assert_memory_equal(some, all + 20 * PIXELS, PIXELS * sizeof *all);
    }
    for (int i = 0; i < MANY * NZ; i++) assert_true(z[i] >= -1 && z[i] < 1);
    assert_int_equal(gan_sample(g, z, NULL, 0, some, 0, NULL), GAN_OK);
    gan_generator_free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedules_are_read),
        cmocka_unit_test(curves_follow_their_formulas),
        cmocka_unit_test(schedules_have_a_range),
        cmocka_unit_test(schedules_show_what_they_cannot_read),
        cmocka_unit_test(schedules_have_a_limit),
        cmocka_unit_test(a_long_schedule_leaves_room_for_the_remedy),
        cmocka_unit_test(optimizers_follow_their_formulas),
        cmocka_unit_test(norm_is_of_all_gradients_before_clipping),
        cmocka_unit_test(moments_are_those_of_the_kind),
        cmocka_unit_test(divergence_changes_nothing),
        cmocka_unit_test(weights_are_clipped),
        cmocka_unit_test(optimizer_settings_are_checked),
        cmocka_unit_test(average_moves_and_swaps),
        cmocka_unit_test(an_image_depends_on_seed_and_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
