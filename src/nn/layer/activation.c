/* SPDX-License-Identifier: MIT */
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "nn/internal.h"
#include "tensor/internal.h"

typedef struct state {
    gan_activation_kind kind;
    double value; /* slope, or dropout probability */
} state;

static gan_module *create(const gan_module_type *type, state s) {
    gan_module *m = gan_module_create(type, sizeof s);
    if (!gan_module_status(m)) *(state *)gan_module_state(m) = s;
    return m;
}

static gan_tensor *activate(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    (void)pass;
    switch (s->kind) {
    case GAN_RELU:
        return gan_relu(t, x);
    case GAN_LEAKY_RELU:
        return gan_leaky_relu(t, x, s->value);
    case GAN_TANH:
        return gan_tanh(t, x);
    case GAN_SIGMOID:
        return gan_sigmoid(t, x);
    case GAN_GELU:
        return gan_gelu(t, x);
    }
    return NULL;
}

static const gan_module_type activation_type = {.name = "activation", .forward = activate};

gan_module *gan_activation(gan_activation_kind kind, double slope) {
    return create(&activation_type, (state){kind, slope});
}

/* With a slope below 0 the sign of the result would no longer tell that of the operand. */
int gan__module_leaky(const gan_module *m, double *slope) {
    if (m->type != &activation_type || m->status) return 0;
    const state *s = m->state;
    *slope = s->kind == GAN_RELU ? 0 : s->value;
    return (s->kind == GAN_RELU || s->kind == GAN_LEAKY_RELU) && *slope >= 0;
}

static gan_tensor *prelu(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    return gan_prelu(t, x, gan_module_parameter(m, 0));
}

gan_module *gan_prelu_layer(void) {
    static const gan_module_type type = {.name = "prelu", .forward = prelu};
    gan_module *m = gan_module_create(&type, 0);
    gan_module_add_parameter(m, "weight", GAN_ROLE_SLOPE, 1, (int64_t[]){1}, 1, 1);
    return m;
}

static gan_tensor *drop(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    double p = ((const state *)gan_module_state(m))->value;
    if (!x || !pass->training || !pass->rng || p == 0) return x;
    gan_tensor *mask = gan_input(t, x->rank, x->dim, NULL);
    if (!mask) return NULL;
    gan_rng_fill_uniform(pass->rng, mask->data, (size_t)mask->size, 0, 1);
    for (int64_t i = 0; i < mask->size; i++)
        mask->data[i] = (double)mask->data[i] < p ? 0 : (gan_real)(1 / (1 - p));
    return gan_mul(t, x, mask);
}

gan_module *gan_dropout(double p) {
    static const gan_module_type type = {.name = "dropout", .forward = drop};
    gan_module *m = create(&type, (state){GAN_RELU, p});
    if (m && !(p >= 0 && p < 1)) m->status = GAN_EINVAL;
    return m;
}
