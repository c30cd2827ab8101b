/* SPDX-License-Identifier: MIT
 *
 * In double, the bilinear forms are the definition up to rounding: any wrong coefficient, tile,
 * border or block shows. */
#include "winograd_cases.h"

static void random_geometries(void **state) {
    gan_rng r = gan_rng_make(11, 1, 0);
    double worst = 0;
    (void)state;
    for (int i = 0; i < 150; i++) {
        gan__conv g = winograd_random(&r);
        double error = winograd_error(&r, g, 1 + i % 3);
        if (!(error < 1e-13)) conv_describe(&g, "error above 1e-13");
        worst = fmax(worst, error);
    }
    print_message("worst error of 150 geometries: %.1e\n", worst);
}

/* Sizes that take each of the ways through the kernels: panels or images first, one block of images
 * or several, few jobs or many. n h w c, k, side. */
static const int ways[][6] = {
    {40, 8, 8, 20, 40, 4},   {3, 34, 30, 40, 130, 4}, {70, 8, 8, 130, 260, 4},
    {30, 8, 8, 150, 290, 4}, {9, 16, 16, 70, 70, 3},  {2, 64, 64, 16, 16, 3},
    {70, 4, 4, 300, 300, 3},
};

static void every_way(void **state) {
    gan_rng r = gan_rng_make(12, 1, 0);
    (void)state;
    for (int i = 0; i < COUNT(ways); i++) {
        const int *b = ways[i];
        gan__conv g = {
            .n = b[0], .h = b[1], .w = b[2], .c = b[3], .k = b[4], .kh = b[5], .kw = b[5]};
        g.sh = g.sw = b[5] == 4 ? 2 : 1, g.ph = g.pw = 1;
        g.method = GAN__CONV_WINOGRAD;
        double error = winograd_error(&r, g, 2);
        if (!(error < 1e-13)) conv_describe(&g, "error above 1e-13");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_geometries),
                                       cmocka_unit_test(every_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
