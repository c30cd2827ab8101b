/* SPDX-License-Identifier: MIT
 *
 * Trainings in double equal PyTorch's: losses, first gradients, and all state and the images after
 * ten steps. */
#include "parity.h"

static void test_like_pytorch(void **state) {
    const parity_limits limits = {
        .losses = 1e-8, .gradients = 1e-8, .weights = 1e-8, .images = 1e-8};
    (void)state;
    parity_run(&limits);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_like_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
