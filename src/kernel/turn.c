/* SPDX-License-Identifier: MIT
 *
 * Four rows of four at a time, in registers: element by element every write goes to another line. */
#include "kernel/turn.h"

#if defined(__has_builtin)
#    if __has_builtin(__builtin_shufflevector)
#        define HAVE_SHUFFLE
#    endif
#endif

#ifdef HAVE_SHUFFLE
typedef gan_real four
    __attribute__((vector_size(4 * sizeof(gan_real)), aligned(sizeof(gan_real)), may_alias));

static void turn_four(const gan_real *x, int64_t ldx, gan_real *y, int64_t ldy) {
    four a = *(const four *)x, b = *(const four *)(x + ldx), c = *(const four *)(x + 2 * ldx),
         d = *(const four *)(x + 3 * ldx);
    four ac0 = __builtin_shufflevector(a, c, 0, 4, 1, 5),
         ac1 = __builtin_shufflevector(a, c, 2, 6, 3, 7),
         bd0 = __builtin_shufflevector(b, d, 0, 4, 1, 5),
         bd1 = __builtin_shufflevector(b, d, 2, 6, 3, 7);
    *(four *)y = __builtin_shufflevector(ac0, bd0, 0, 4, 1, 5);
    *(four *)(y + ldy) = __builtin_shufflevector(ac0, bd0, 2, 6, 3, 7);
    *(four *)(y + 2 * ldy) = __builtin_shufflevector(ac1, bd1, 0, 4, 1, 5);
    *(four *)(y + 3 * ldy) = __builtin_shufflevector(ac1, bd1, 2, 6, 3, 7);
}
#else
static void turn_four(const gan_real *x, int64_t ldx, gan_real *y, int64_t ldy) {
    for (int64_t j = 0; j < 4; j++)
        for (int64_t i = 0; i < 4; i++) y[j * ldy + i] = x[i * ldx + j];
}
#endif

void gan__turn(int64_t n, int64_t m, const gan_real *x, int64_t ldx, gan_real *y, int64_t ldy) {
    int64_t rows = n / 4 * 4, cols = m / 4 * 4;
    for (int64_t i = 0; i < rows; i += 4)
        for (int64_t j = 0; j < cols; j += 4) turn_four(x + i * ldx + j, ldx, y + j * ldy + i, ldy);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i < rows ? cols : 0; j < m; j++) y[j * ldy + i] = x[i * ldx + j];
}
