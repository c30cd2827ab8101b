/* SPDX-License-Identifier: MIT
 *
 * Gradients of the transformers, and of the WGAN-GP penalty through the discriminator: minutes, for
 * each weight's differences go through all tokens. (Their blocks are in test_penalty_f64.c.) */
#include "module_gradcheck.h"

#include "nn/discriminator/table.h"
#include "nn/generator/table.h"

/* One block a stage, of one channel next to the image. */
static gan_module *few_tokens(gan_module *arch(const gan_network_config *), int64_t features) {
    gan_network_config c = GAN_NETWORK_DEFAULTS;
    c.height = c.width = 32, c.channels = 1, c.nz = 3, c.features = features, c.depth = 1;
    return arch(&c);
}
static gan_module *d_tokens(void) {
    return few_tokens(gan__discriminator_transformer, 1);
}
static gan_module *g_tokens(void) {
    return few_tokens(gan__generator_transformer, 1);
}

static void test_networks(void **state) {
    static const row rows[] = {{"generator transformer 32", g_tokens, 2, {1, 3}},
                               {"discriminator transformer 32", d_tokens, 4, {1, 32, 32, 1}}};
    (void)state;
    check_all("networks", rows, COUNT(rows), 0);
}

static void test_penalty(void **state) {
    static const row rows[] = {{"transformer 32", d_tokens, 4, {1, 32, 32, 1}}};
    (void)state;
    check_all("WGAN-GP penalty", rows, COUNT(rows), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_penalty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
