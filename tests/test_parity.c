/* SPDX-License-Identifier: MIT
 *
 * Trainings in float against PyTorch's in double: what float costs. Weights after ten steps are not
 * compared, for Adam makes a full step of a gradient that is nearly 0, whatever its sign; the
 * images are those of PyTorch's final weights. Gradients are that far apart where large terms cancel,
 * and so are folded sums. */
#include "parity.h"

static void test_like_pytorch(void **state) {
    const parity_limits limits = {.losses = 1e-3, .gradients = 5e-5, .images = 1e-5};
    (void)state;
    parity_run(&limits);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_like_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
