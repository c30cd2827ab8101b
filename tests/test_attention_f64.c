/* SPDX-License-Identifier: MIT
 *
 * The layers around attention against PyTorch's, all in double. */
#include "attention_golden.h"

static void like_pytorch(void **state) {
    (void)state;
    golden_layers(1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
