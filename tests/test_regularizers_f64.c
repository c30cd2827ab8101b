/* SPDX-License-Identifier: MIT
 *
 * Gradients of every objective, every penalty and mode seeking, through whole networks, against
 * central differences (netcheck.h) in all their parameters. The tables are walked through, so a new
 * row is tested by itself. Of a penalty S0 already holds the first derivatives. */
#include "netcheck.h"

#include "gan/discriminator.h"
#include "gan/diversity.h"
#include "gan/generator.h"
#include "gan/layer.h"
#include "gan/loss.h"
#include "gan/penalty.h"

/* --- critics --- */

typedef struct critic {
    const char *name, *arch;
    gan_norm_kind norm;
    int spectral;
    int64_t stddev, pack;
    gan_condition condition; /* its generator has the condition that goes with it */
} critic;

static const critic critics[] = {
    {"dcgan", "dcgan", GAN_NORM_NONE, 0, 0, 1},
    {"dcgan, layer norm", "dcgan", GAN_NORM_LAYER, 0, 0, 1},
    {"dcgan, instance norm", "dcgan", GAN_NORM_INSTANCE, 0, 0, 1},
    {"dcgan, spectral", "dcgan", GAN_NORM_NONE, 1, 0, 1},
    {"dcgan, stddev", "dcgan", GAN_NORM_NONE, 0, 4, 1},
    {"dcgan, pack", "dcgan", GAN_NORM_NONE, 0, 0, 2},
    {"dcgan, all three", "dcgan", GAN_NORM_NONE, 1, 4, 2},
    {"mlp", "mlp", GAN_NORM_NONE, 0, 0, 1},
    {"mlp, layer norm", "mlp", GAN_NORM_LAYER, 0, 0, 1},
    {"mlp, spectral", "mlp", GAN_NORM_NONE, 1, 0, 1},
    {"mlp, stddev", "mlp", GAN_NORM_NONE, 0, 4, 1},
    {"mlp, pack", "mlp", GAN_NORM_NONE, 0, 0, 2},
    {"mlp, all three", "mlp", GAN_NORM_NONE, 1, 4, 2},
    {"dcgan, projection, spectral", "dcgan", GAN_NORM_NONE, 1, 0, 1, GAN_CONDITION_PROJECTION},
    {"dcgan, label plane", "dcgan", GAN_NORM_LAYER, 0, 0, 1, GAN_CONDITION_CONCAT},
    {"mlp, projection, stddev", "mlp", GAN_NORM_NONE, 0, 4, 1, GAN_CONDITION_PROJECTION},
};

/* The function's parts; those that it has no use for are NULL. */
typedef struct subject {
    gan_generator *g;
    gan_discriminator *d;
    gan_tensor *real, *fake, *z;
    const gan_penalty *penalty;
    const gan_objective *objective;
    gan_loss_options options;
} subject;

enum { NZ = 3 };

static gan_network_config network(const critic *c) {
    gan_network_config n = GAN_NETWORK_DEFAULTS;
    snprintf(n.arch, sizeof n.arch, "%s", c->arch);
    n.height = n.width = strcmp(c->arch, "mlp") ? 28 : 3;
    n.channels = 1, n.features = 1, n.nz = NZ;
    n.norm = c->norm, n.spectral = c->spectral, n.stddev = c->stddev, n.pack = c->pack;
    n.condition = c->condition, n.classes = 3;
    return n;
}

/* Groups of a standard deviation are of four judgements: of two, some deviation is always near 0,
 * where it has all but a kink. */
static void open_critic(subject *s, const critic *c) {
    gan_network_config n = network(c);
    int64_t batch = c->stddev ? c->stddev * c->pack : 4;
    gan_error err = {0};
    if (gan_discriminator_create(&n, &s->d, &err)) fail_msg("%s", err.text);
    s->real = gan_tensor_create(4, DIMS(batch, n.height, n.width, 1));
    s->fake = gan_tensor_create(4, DIMS(batch, n.height, n.width, 1));
    assert_true(s->real && s->fake);
}

static void open_generator(subject *s, const critic *c) {
    gan_network_config n = network(c);
    gan_error err = {0};
    n.norm = GAN_NORM_BATCH;
    if (n.condition == GAN_CONDITION_PROJECTION) n.condition = GAN_CONDITION_NORM;
    if (gan_generator_create(&n, &s->g, &err)) fail_msg("%s", err.text);
    s->z = gan_tensor_create(2, DIMS(s->real ? gan_tensor_dim(s->real, 0) : 4, NZ));
    assert_non_null(s->z);
}

static void close_subject(subject *s) {
    gan_generator_free(s->g);
    gan_discriminator_free(s->d);
    gan_tensor_free(s->real);
    gan_tensor_free(s->fake);
    gan_tensor_free(s->z);
}

static void draw(void *user, uint64_t number, gan_rng *r) {
    const subject *s = user;
    if (s->g) {
        netcheck_weights(gan_generator_parameters(s->g), number + 100000, r);
        gan_spectral_update(gan_generator_root(s->g), 3);
        netcheck_fill(s->z, r, -2, 2);
    }
    if (s->d) {
        netcheck_weights(gan_discriminator_parameters(s->d), number, r);
        gan_spectral_update(gan_discriminator_root(s->d), 3);
        netcheck_fill(s->real, r, -1, 1);
        netcheck_fill(s->fake, r, -1, 1);
    }
}

static const int labels[8] = {0, 2, 1, 1, 0, 0, 2, 1};
static const gan_pass pass = {.training = 1, .labels = labels};

static gan_tensor *judge(gan_tape *t, const subject *s, gan_tensor *x) {
    return gan_discriminator_forward(t, s->d, x, NULL, &pass).scores;
}

/* --- penalties --- */

static gan_tensor *penalty(gan_tape *t, void *user) {
    const subject *s = user;
    gan_rng points = gan_rng_make(4, 5, 6);
    const gan_penalty_inputs in = {s->d, s->real, s->fake, judge(t, s, s->real), &points, &pass};
    return s->penalty->run(t, &in);
}

static void penalties(void **state) {
    double worst = 0;
    (void)state;
    for (int i = 0; gan_penalty_at(i); i++)
        for (int k = 0; k < COUNT(critics); k++) {
            char name[64];
            subject s = {.penalty = gan_penalty_at(i)};
            snprintf(name, sizeof name, "%-8s %s", s.penalty->name, critics[k].name);
            netcheck q = {.name = name, .run = penalty, .draw = draw, .user = &s};
            open_critic(&s, &critics[k]);
            netcheck_add(&q, gan_discriminator_parameters(s.d));
            worst = fmax(worst, netcheck_all_orders(&q, s.penalty->per_image ? 1 : 2));
            close_subject(&s);
        }
    printf("penalties: worst error %.2e\n", worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

/* --- objectives --- */

static gan_tensor *loss_d(gan_tape *t, void *user) {
    const subject *s = user;
    return s->objective->d(t, &s->options, judge(t, s, s->real), judge(t, s, s->fake));
}

static gan_tensor *loss_g(gan_tape *t, void *user) {
    const subject *s = user;
    gan_tensor *real = s->objective->needs_real ? judge(t, s, s->real) : NULL;
    gan_tensor *images = gan_generator_forward(t, s->g, s->z, NULL, &pass);
    return s->objective->g(t, &s->options, real, judge(t, s, images));
}

/* The forms that an objective has: plain, with smooth targets, saturating. 0: it has it not. */
static int form(const gan_objective *o, int i, gan_loss_options *options, const char **name) {
    static const char *const names[] = {"", " smooth", " saturating"};
    *options = (gan_loss_options){i == 2, i == 1 ? 0.3 : 0};
    *name = names[i];
    return i == 0 || (i == 1 && o->smooths) || (i == 2 && o->saturates);
}

/* Of G's loss the X are the parameters of both. */
static double check_objective(const gan_objective *o, const gan_loss_options *options,
                              const char *form_name, const critic *c, int of_g, int orders) {
    char name[64];
    subject s = {.objective = o, .options = *options};
    snprintf(name, sizeof name, "%s%s %s, %s", o->name, form_name, of_g ? "G" : "D", c->name);
    netcheck q = {.name = name, .run = of_g ? loss_g : loss_d, .draw = draw, .user = &s};
    open_critic(&s, c);
    if (of_g) {
        open_generator(&s, c);
        netcheck_add(&q, gan_generator_parameters(s.g));
    }
    netcheck_add(&q, gan_discriminator_parameters(s.d));
    double worst = netcheck_all_orders(&q, orders);
    close_subject(&s);
    return worst;
}

/* Plain forms through every critic, the others through one. */
static void objectives(void **state) {
    gan_loss_options options;
    const char *name;
    double worst = 0;
    (void)state;
    for (int i = 0; gan_objective_at(i); i++)
        for (int f = 0; f < 3; f++) {
            if (!form(gan_objective_at(i), f, &options, &name)) continue;
            for (int k = f ? COUNT(critics) - 1 : 0; k < COUNT(critics); k++)
                worst = fmax(
                    worst, check_objective(gan_objective_at(i), &options, name, &critics[k], 0, 2));
        }
    printf("objectives, D: worst error %.2e\n", worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

/* Both orders through mlp networks; through dcgan ones, where there are many weights, the first. */
static void objectives_of_g(void **state) {
    static const struct { int critic, orders; } pairs[] = {{0, 1}, {7, 2}, {COUNT(critics) - 1, 2}};
    gan_loss_options options;
    const char *name;
    double worst = 0;
    (void)state;
    for (int i = 0; gan_objective_at(i); i++)
        for (int f = 0; f < 3; f++) {
            if (!form(gan_objective_at(i), f, &options, &name)) continue;
            for (int k = 0; k < COUNT(pairs); k++)
                worst = fmax(worst, check_objective(gan_objective_at(i), &options, name,
                                                    &critics[pairs[k].critic], 1, pairs[k].orders));
        }
    printf("objectives, G: worst error %.2e\n", worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

/* --- mode seeking --- */

static gan_tensor *seeking(gan_tape *t, void *user) {
    const subject *s = user;
    gan_tensor *images = gan_generator_forward(t, s->g, s->z, NULL, &pass);
    return gan_mode_seeking(t, images, s->z);
}

/* The latent vectors are among the X: it is differentiable in them too. */
static void mode_seeking(void **state) {
    static const critic generators[] = {{"mlp", "mlp", GAN_NORM_AUTO, 0, 0, 1},
                                        {"mlp, spectral", "mlp", GAN_NORM_AUTO, 1, 0, 1},
                                        {"dcgan", "dcgan", GAN_NORM_AUTO, 0, 0, 1}};
    double worst = 0;
    (void)state;
    for (int i = 0; i < COUNT(generators); i++) {
        char name[64];
        subject s = {0};
        snprintf(name, sizeof name, "mode seeking, %s", generators[i].name);
        netcheck q = {.name = name, .run = seeking, .draw = draw, .user = &s};
        open_generator(&s, &generators[i]);
        q.x[q.n++] = s.z;
        netcheck_add(&q, gan_generator_parameters(s.g));
        worst = fmax(worst, netcheck_all_orders(&q, i < 2 ? 2 : 1));
        close_subject(&s);
    }
    printf("mode seeking: worst error %.2e\n", worst);
    assert_true(worst <= GRADCHECK_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(penalties),
        cmocka_unit_test(objectives),
        cmocka_unit_test(objectives_of_g),
        cmocka_unit_test(mode_seeking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
