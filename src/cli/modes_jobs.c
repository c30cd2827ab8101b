/* SPDX-License-Identifier: MIT
 *
 * Runs as processes: the library's threads and BLAS are process-wide, and one thread each is the
 * best use of processors for networks this small. A child tells its outcome by its files, and what
 * went wrong on stderr and by its exit code. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

#include "cli/modes.h"

static gan_status work(modes_job *j, gan_error *err) {
    if (j->seed >= 0) return modes_train(j->setup, j->seed, &j->outcome, err);
    j->outcome = (modes_outcome){.seed = j->seed};
    gan_status s = j->seed == MODES_FLOOR ? modes_floor(j->setup, &j->outcome.figures, err)
                                          : modes_count_cost(j->setup, &j->outcome, err);
    return s ? s : modes_result_write(j->setup, &j->outcome, err);
}

static void in_child(modes_job *j) {
    gan_error err = {0};
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    int code = work(j, &err) ? cli_refuse(&err) : EXIT_DONE;
    fflush(NULL);
    _exit(code);
}

static pid_t begin(modes_job *j) {
    fflush(NULL);
    pid_t child = fork();
    if (!child) in_child(j);
    if (child < 0) cli_fail(EXIT_FAILED, "cannot start a process: %s", strerror(errno));
    return child;
}

static void tell(const modes_job *j) {
    const modes_problem *p = j->setup->problem;
    const char *label = j->setup->label;
    if (j->seed < 0) return;
    fprintf(stderr, "gan: %s%sseed %lld: %lld steps", label ? label : "", label ? ", " : "",
            (long long)j->seed, (long long)j->outcome.steps);
    for (int i = 0; p->metrics[i].name; i++) {
        fprintf(stderr, ", %s ", p->metrics[i].title);
        fprintf(stderr, p->metrics[i].format, j->outcome.figures.value[i]);
    }
    fprintf(stderr, "%s%s\n", *j->outcome.diverged ? "; " : "", j->outcome.diverged);
}

/* The outcome that a child has left. */
static int collect(modes_job *j) {
    gan_error err = {0};
    int found;
    if (modes_result_read(j->setup, j->seed, &j->outcome, &found, &err)) return cli_refuse(&err);
    if (!found) return cli_fail(EXIT_FAILED, "seed %lld has left no result", (long long)j->seed);
    tell(j);
    return EXIT_DONE;
}

static int code_of(int status) {
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    return cli_fail(EXIT_FAILED, "a run was ended by signal %d; call again to go on",
                    WTERMSIG(status));
}

/* Waits for one of the children and forgets it. */
static int await(modes_job *jobs, pid_t *children, int n) {
    int status;
    pid_t ended = waitpid(-1, &status, 0);
    for (int i = 0; i < n; i++)
        if (children[i] == ended && ended > 0) {
            int code = code_of(status);
            children[i] = 0;
            return code ? code : collect(&jobs[i]);
        }
    return ended < 0 && errno != EINTR ? cli_fail(EXIT_FAILED, "waitpid: %s", strerror(errno)) : 0;
}

static void end_all(const pid_t *children, int n) {
    for (int i = 0; i < n; i++)
        if (children[i] > 0) kill(children[i], SIGTERM);
    while (waitpid(-1, NULL, 0) > 0) continue;
}

static int running(const pid_t *children, int n) {
    int count = 0;
    for (int i = 0; i < n; i++) count += children[i] > 0;
    return count;
}

int modes_run(modes_job *jobs, int n, int at_once) {
    pid_t *children = calloc((size_t)n + 1, sizeof *children);
    int code = children ? EXIT_DONE : cli_fail(EXIT_FAILED, "out of memory");
    int begun = 0;
    while (!code && (begun < n || running(children, n))) {
        if (begun < n && running(children, n) < at_once) {
            children[begun] = begin(&jobs[begun]);
            if (children[begun++] < 0) code = EXIT_FAILED;
        } else
            code = await(jobs, children, n);
    }
    if (code && children) end_all(children, n);
    free(children);
    return code;
}
