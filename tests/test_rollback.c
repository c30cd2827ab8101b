/* SPDX-License-Identifier: MIT
 *
 * Runs that diverge go back, a bounded number of times; stopped, killed and resumed they stay
 * the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "disc_runs.h"
#include "train/internal.h"

static const char *const short_run[] = {
    "steps",        "12", "checkpoint-every", "4", "rollback", "2",
    "doctor-every", "3",  "sample-count",     "2", NULL};

/* Steps 7 and, after a rollback, 10 fail: a function of the run's state alone. */
typedef struct ordeal {
    seen seen;
    int always;
    int64_t stop_after, told; /* told: stop when that many findings have been */
    double rate;              /* of the last step */
    int64_t steps;            /* made */
} ordeal;

static int ordeal_before(void *user, gan_trainer *tr) {
    const ordeal *o = user;
    int64_t next = gan_trainer_steps(tr) + 1;
    if ((next == 7 && (o->always || tr->rollbacks == 0)) || (next == 10 && tr->rollbacks == 1))
        poison(tr);
    return 0;
}

static int ordeal_after(void *user, gan_trainer *tr, const gan_report *r) {
    ordeal *o = user;
    (void)tr;
    o->rate = r->lr_d, o->steps++;
    return r->step == o->stop_after;
}

static int ordeal_finding(void *user, gan_trainer *tr, const gan_finding *f) {
    ordeal *o = user;
    (void)on_finding(&o->seen, tr, f);
    return o->told && o->seen.count == o->told;
}

static gan_status endure(const char *name, ordeal *o, gan_error *err) {
    gan_callbacks call = {.user = o,
                          .before_step = ordeal_before,
                          .after_step = ordeal_after,
                          .on_finding = ordeal_finding};
    gen_run r;
    open_on(&r, discs(200, 0), short_run);
    gan_status s = gan_run(r.tr, at(name), gan_run_exists(at(name)), &call, err);
    gen_close(&r);
    return s;
}

/* The file, of a log without timings, into a static buffer. */
static const char *contents(const char *run, const char *file, size_t *size) {
    static char text[4][1 << 19];
    static int turn;
    char *to = text[turn++ % 4], path[192], line[1200];
    snprintf(path, sizeof path, "%s/%s", at(run), file);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    if (strcmp(file, "log.jsonl"))
        *size = fread(to, 1, sizeof *text, f);
    else {
        *to = 0;
        while (fgets(line, sizeof line, f)) {
            char *timing = strstr(line, ", \"images_per_second\"");
            if (timing) strcpy(timing, "\n");
            strcat(to, line);
        }
        *size = strlen(to);
    }
    fclose(f);
    return to;
}

static void assert_same(const char *a, const char *b) {
    static const char *const files[] = {"log.jsonl", "checkpoint.safetensors",
                                        "rollback.safetensors", "generator.safetensors",
                                        "discriminator.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t n, m;
        const char *x = contents(a, files[i], &n), *y = contents(b, files[i], &m);
        if (n != m || memcmp(x, y, n))
            fail_msg("%s of %s and %s differ%s%s", files[i], a, b, i ? "" : ":\n", i ? "" : y);
    }
}

static void copy_run(const char *from, const char *to) {
    static const char *const files[] = {"rollback.safetensors", "log.jsonl",
                                        "checkpoint.safetensors"};
    assert_int_equal(gan__dir_make(at(to), NULL), GAN_OK);
    for (int i = 0; i < 3; i++) {
        char a[192], b[192], block[4096];
        snprintf(a, sizeof a, "%s/%s", at(from), files[i]);
        snprintf(b, sizeof b, "%s/%s", at(to), files[i]);
        FILE *in = fopen(a, "rb"), *out = fopen(b, "wb");
        assert_true(in && out);
        for (size_t n; (n = fread(block, 1, sizeof block, in));)
            assert_int_equal(fwrite(block, 1, n, out), n);
        fclose(in);
        fclose(out);
    }
}

static void runs_that_diverge_go_back(void **state) {
    ordeal o = {0};
    gan_error err = {0};
    size_t size;
    (void)state;
    ok(endure("whole", &o, &err), &err);
    assert_said(&o.seen, GAN_FINDING_NOT_FINITE);
    assert_int_equal(o.seen.count, 2);
    assert_int_equal(o.seen.first.step, 4);
    assert_int_equal(o.seen.last.step, 8);
    assert_non_null(
        strstr(o.seen.first.text, "step 7: the loss of the discriminator is not finite"));
    assert_non_null(
        strstr(o.seen.first.text, "back to step 4 with half the learning rates (1 of 2)"));
    assert_true(o.rate == 2e-4 / 4);
    assert_int_equal(o.steps, 6 + 5 + 4); /* 1 to 6, 5 to 9, 9 to 12 */
    const char *log = contents("whole", "log.jsonl", &size);
    int lines = 0;
    for (size_t i = 0; i < size; i++) lines += log[i] == '\n';
    assert_int_equal(lines, 12 + 2);
    assert_non_null(strstr(log, "\n{\"step\": 4, \"rollback\": 1, \"finding\": \"not-finite\", "));
    assert_non_null(strstr(log, "\n{\"step\": 8, \"rollback\": 2, \"finding\": \"not-finite\", "));
}

/* Stopped after each step and going on in a new process; stopped by what it is told. */
static void resumed_they_are_the_same(void **state) {
    (void)state;
    for (int64_t stop = 1; stop <= 12; stop++) {
        ordeal o = {.stop_after = stop < 12 ? stop : 0, .told = stop == 12}, rest = {0};
        gan_error err = {0};
        assert_int_equal(endure("half", &o, &err), GAN_ESTOPPED);
        ok(endure("half", &rest, &err), &err);
        assert_same("whole", "half");
        remove_run("half");
    }
}

/* Killed when the line is written and the checkpoint is not yet: as it lies on the disk then. */
static int killed(void *user, gan_trainer *tr, const gan_finding *f) {
    (void)user, (void)tr, (void)f;
    if (!gan_run_exists(at("killed"))) copy_run("half", "killed");
    return 0;
}

static void killed_they_are_the_same(void **state) {
    gan_callbacks call = {.before_step = ordeal_before, .on_finding = killed};
    gan_error err = {0};
    ordeal o = {0};
    gen_run r;
    (void)state;
    call.user = &o;
    open_on(&r, discs(200, 0), short_run);
    ok(gan_run(r.tr, at("half"), 0, &call, &err), &err);
    gen_close(&r);
    ok(endure("killed", &o, &err), &err);
    assert_same("whole", "half");
    assert_same("whole", "killed");
    remove_run("killed");
    remove_run("half");
    remove_run("whole");
}

static void they_go_back_so_often_and_no_more(void **state) {
    ordeal o = {.always = 1};
    gan_error err = {0};
    (void)state;
    assert_int_equal(endure("half", &o, &err), GAN_EDIVERGED);
    assert_int_equal(o.seen.count, 3);
    assert_non_null(strstr(err.text, "step 7: the loss of the discriminator is not finite"));
    assert_string_equal(o.seen.last.text, err.text);
    o = (ordeal){.always = 1};
    assert_int_equal(endure("half", &o, &err), GAN_EDIVERGED); /* resumed: none are left */
    assert_int_equal(o.seen.count, 1);
    remove_run("half");
}

/* Weights that an update has made not finite: seen when step 4 is saved, before a loss shows them. */
static int spoil_step_4(void *user, gan_trainer *tr, const gan_report *r) {
    (void)user;
    if (r->step == 4) poison(tr);
    return 0;
}

static void a_save_that_fails_is_of_the_step_just_made(void **state) {
    seen told = {0};
    gan_callbacks call = {.user = &told, .after_step = spoil_step_4, .on_finding = on_finding};
    const char *const settings[] = {"steps", "12", "checkpoint-every", "4", "sample-count",
                                    "2",     NULL};
    gan_error err = {0};
    gen_run r;
    (void)state;
    open_on(&r, discs(200, 0), settings);
    assert_int_equal(gan_run(r.tr, at("half"), 0, &call, &err), GAN_EDIVERGED);
    gen_close(&r);
    assert_non_null(strstr(err.text, "nothing is saved"));
    assert_int_equal(told.last.kind, GAN_FINDING_NOT_FINITE);
    assert_int_equal(told.last.step, 4);
    remove_run("half");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_that_diverge_go_back),
        cmocka_unit_test(resumed_they_are_the_same),
        cmocka_unit_test(killed_they_are_the_same),
        cmocka_unit_test(they_go_back_so_often_and_no_more),
        cmocka_unit_test(a_save_that_fails_is_of_the_step_just_made),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
