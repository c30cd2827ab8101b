/* SPDX-License-Identifier: MIT
 *
 * The rate of multiply-adds, with the vectors that the kernels use and on the team that they use. A
 * run is cut into more shares than threads, as a kernel is into tiles: so a thread that wakes up
 * late costs its part alone, and a slow core counts as what it is. The best run of many counts:
 * nothing makes one too fast. */
#include "gan/machine.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "kernel/machine.h"

enum { SHARES = 8 }; /* a thread */

/* Sums tend to plus / (1 - by): no denormals, no infinities. */
static void share(const gan__machine *m, int64_t rounds) {
    gan_real sums[GAN__PEAK_SUMS] = {0};
    m->peak(rounds, (gan_real)0.5, 1, sums);
}

static double seconds(const gan__machine *m, int threads, int64_t rounds) {
    double before = gan__seconds();
    GAN__PARALLEL_FOR(threads)
    for (int i = 0; i < threads * SHARES; i++) share(m, rounds);
    return gan__seconds() - before;
}

double gan_machine_fma_peak(int threads) {
    const double least = 1e-3, all = 20e-3; /* a run, large against a team's start; all runs */
    const gan__machine *m = gan__machine_here();
    const double began = gan__seconds();
    int64_t rounds = 64;
    if (threads < 1) threads = gan__processors();
    double best = seconds(m, threads, rounds);
    while (best < least) best = seconds(m, threads, rounds *= 2);
    while (gan__seconds() - began < all) {
        double now = seconds(m, threads, rounds);
        if (now < best) best = now;
    }
    return 2.0 * m->peak_sums * SHARES * threads * (double)rounds / best;
}
