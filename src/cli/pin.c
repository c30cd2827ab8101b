/* SPDX-License-Identifier: MIT
 *
 * A team of as many threads as there are processors is sometimes left by the system with two of
 * them on one processor, at half the speed, for minutes. OpenMP binds each to a processor of its
 * own when OMP_PROC_BIND asks for it; but its run-time library reads the environment when it is
 * loaded, before main, so the program has to start again: the same process with the same arguments
 * and files, at a cost of milliseconds.
 *
 * With fewer threads than processors nothing is pinned: all such programs would share the first
 * processors, while others idle. What the user has said about places wins. */
#include "cli/pin.h"

#if defined(__linux__) && defined(_OPENMP)
#    include <omp.h>
#    include <stdlib.h>
#    include <string.h>
#    include <unistd.h>

static char **arguments;

void pin_arguments(char **argv) {
    arguments = argv;
}

/* Ours too, once it is set: the program starts again no more than once. */
static int user_has_said(void) {
    static const char *const names[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY",
                                        "KMP_AFFINITY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i])) return 1;
    return 0;
}

/* The file that this program is, by its name, which the process then keeps; 0: not known. Started
 * as an argument of the dynamic loader, the process is the loader's. */
static int find_program(char *path, size_t size) {
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n <= 0 || (size_t)n >= size - 1) return 0;
    path[n] = 0;
    const char *slash = strrchr(path, '/');
    return slash && strncmp(slash, "/ld-", 4) != 0;
}

void pin_threads(int64_t threads) {
    char path[4096];
    int processors = omp_get_num_procs();
    if (processors < 2 || (threads && threads != processors) || !arguments) return;
    if (user_has_said() || !find_program(path, sizeof path)) return;
    if (!setenv("OMP_PROC_BIND", "close", 0)) execv(path, arguments);
}

#else

void pin_arguments(char **argv) {
    (void)argv;
}

void pin_threads(int64_t threads) {
    (void)threads;
}

#endif
