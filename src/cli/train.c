/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/pin.h"
#include "cli/progress.h"

/* --- options: the command's own, then every setting of a run --- */

static const cli_option own[] = {
    {"out", "DIR", "run", "folder of the run: config, log, samples, weights", NULL},
    {"config", "FILE", "run", "settings from a config.json; options win over it", NULL},
    {"resume", NULL, "run", "go on with the run in --out; needs no other option", NULL},
    {"dry-run", NULL, "run", "check everything, print the plan, train nothing", NULL},
};

#define OWN ((int)(sizeof own / sizeof *own))

static const cli_option *option_at(int i) {
    static cli_option shown; /* for one caller at a time: the command line has one thread */
    if (i < OWN) return &own[i];
    const gan_option *o = gan_option_at(i - OWN);
    if (!o) return NULL;
    shown = (cli_option){o->name, o->argument, o->group, o->help, o->fallback};
    return &shown;
}

static int is_own(const char *name) {
    for (int i = 0; i < OWN; i++)
        if (!strcmp(own[i].name, name)) return 1;
    return 0;
}

/* --- interruption: the first Ctrl-C ends the step and saves, a second one quits --- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    static const char text[] = "\ngan: ending the step and saving; once more quits at once\n";
    int was = errno;
    (void)number;
    if (interrupted) _exit(EXIT_INTERRUPTED);
    interrupted = 1;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written; /* there is nobody else to tell */
    errno = was;
}

/* A hang-up that is ignored (nohup) stays ignored. */
static void catch_one(int number) {
    struct sigaction was, action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    if (number == SIGHUP && !sigaction(number, NULL, &was) && was.sa_handler == SIG_IGN) return;
    sigaction(number, &action, NULL);
}

static void catch_signals(void) {
    catch_one(SIGINT);
    catch_one(SIGTERM);
    catch_one(SIGHUP);
    signal(SIGPIPE, SIG_IGN); /* nobody reads the progress any more: no reason to lose the run */
}

/* Names the bad files from the first-th on, but not hundreds of them; returns how many there are. */
static size_t tell_bad_files(const gan_dataset *data, size_t first) {
    const char *path, *reason;
    size_t n = gan_dataset_bad_count(data);
    for (size_t i = first; i < n && i < first + 10; i++)
        if (gan_dataset_bad(data, i, &path, &reason))
            fprintf(stderr, "gan: skipped %s: %s\n", path, reason);
    if (n > first + 10) fprintf(stderr, "gan: skipped %zu more\n", n - first - 10);
    return n;
}

/* What the callbacks see. */
typedef struct watch {
    progress p;
    const gan_dataset *data;
    size_t told; /* bad files that have been named */
} watch;

static int after_step(void *user, gan_trainer *tr, const gan_report *r) {
    watch *w = user;
    progress_step(&w->p, tr, r);
    w->told = tell_bad_files(w->data, w->told);
    return interrupted;
}

static int on_sample(void *user, gan_trainer *tr, const char *path) {
    (void)tr;
    progress_note(&((watch *)user)->p, path);
    return 0;
}

/* A value that is not finite names its step itself; when it ends the run, the run's error tells. */
static int on_finding(void *user, gan_trainer *tr, const gan_finding *f) {
    const char *line = ((watch *)user)->p.terminal ? "\n" : "";
    if (f->kind != GAN_FINDING_NOT_FINITE)
        fprintf(stderr, "%sgan: step %lld: %s\n", line, (long long)f->step, f->text);
    else if (gan_trainer_config(tr)->rollback)
        fprintf(stderr, "%sgan: %s\n", line, f->text);
    return 0;
}

/* --- the run --- */

typedef struct job {
    gan_config config;
    gan_dataset *data;
    gan_generator *g;
    gan_discriminator *d;
    gan_trainer *tr;
    const char *out;
    int resume, dry;
} job;

static void free_job(job *j) {
    gan_trainer_free(j->tr);
    gan_generator_free(j->g);
    gan_discriminator_free(j->d);
    gan_dataset_free(j->data);
}

/* config.json of a resumed run, or of --config; then the options in their order. */
static gan_status settings(job *j, const cli_line *line, gan_error *err) {
    const char *file = cli_value(line, "config", NULL);
    char path[GAN_TEXT + 16];
    gan_status s = GAN_OK;
    gan_config_init(&j->config);
    snprintf(path, sizeof path, "%s/config.json", j->out);
    if (j->resume && !file) file = path;
    if (file) s = gan_config_read(&j->config, file, err);
    for (int i = 0; i < line->count && !s; i++)
        if (!is_own(line->given[i].name))
            s = gan_config_set(&j->config, line->given[i].name, line->given[i].value, err);
    return s ? s : gan_config_resolve(&j->config, err);
}

static gan_status build(job *j, gan_error *err) {
    gan_network_config gc = gan_config_generator(&j->config),
                       dc = gan_config_discriminator(&j->config);
    gan_status s = gan_generator_create(&gc, &j->g, err);
    return s ? s : gan_discriminator_create(&dc, &j->d, err);
}

/* Networks that cannot be built say so before a long look at the data, unless that has to tell them
 * the number of classes. */
static gan_status prepare(job *j, gan_error *err) {
    int waits = j->config.condition_d && !j->config.classes;
    gan_status s = waits ? GAN_OK : build(j, err);
    if (!s) s = gan_config_open_data(&j->config, &j->data, err);
    if (!s) tell_bad_files(j->data, 0);
    if (!s) s = gan_config_take_classes(&j->config, j->data, err);
    if (!s && waits) s = build(j, err);
    return s ? s : gan_trainer_create(&j->config, j->g, j->d, j->data, &j->tr, err);
}

static long long weights(const gan_parameters *p) {
    long long n = 0;
    for (int i = 0; i < p->count; i++)
        if (gan_parameter_trained(&p->item[i])) n += (long long)gan_tensor_size(p->item[i].value);
    return n;
}

static void print_plan(job *j) {
    const gan_config *c = &j->config;
    size_t n = gan_dataset_train_count(j->data);
    printf("data           %s: %zu images, %zu held out, %zu bad\n", c->data, n,
           gan_dataset_holdout_count(j->data), gan_dataset_bad_count(j->data));
    printf("generator      %s, %lldx%lldx%lld, %lld weights\n", gan_generator_config(j->g)->arch,
           (long long)c->height, (long long)c->width, (long long)c->channels,
           weights(gan_generator_parameters(j->g)));
    printf("discriminator  %s, %lld weights\n", gan_discriminator_config(j->d)->arch,
           weights(gan_discriminator_parameters(j->d)));
    printf("objective      %s, n_critic %s, batch %lld\n", c->loss, c->n_critic,
           (long long)(c->batch * c->accumulate));
    printf("learning rates G %s, D %s\n", c->lr_g, c->lr_d);
    if (strcmp(c->penalty, "none")) printf("penalty        %s\n", c->penalty);
    if (c->steps) printf("steps          %lld\n", (long long)c->steps);
    if (gan_config_epochs(c))
        printf("epochs         %lld of %zu D steps\n", (long long)gan_config_epochs(c),
               n / (size_t)(c->batch * c->accumulate));
    if (c->max_minutes > 0) printf("at most        %g minutes\n", c->max_minutes);
    printf("folder         %s\n", j->out);
    fflush(stdout);
}

/* The weights that a run would start from are checked by taking them. */
static int rehearse(job *j, gan_error *err) {
    char path[GAN_TEXT + 32];
    snprintf(path, sizeof path, "%s/checkpoint.safetensors", j->out);
    gan_status s =
        j->resume ? gan_trainer_load(j->tr, path, err) : gan_trainer_initialise(j->tr, err);
    return s ? cli_refuse(err) : EXIT_DONE;
}

static int train(job *j, gan_error *err) {
    watch w = {progress_start(&j->config), j->data, gan_dataset_bad_count(j->data)};
    gan_callbacks call = {
        .user = &w, .after_step = after_step, .on_sample = on_sample, .on_finding = on_finding};
    catch_signals();
    gan_status s = gan_run(j->tr, j->out, j->resume, &call, err);
    progress_end(&w.p);
    if (s == GAN_ESTOPPED) {
        fprintf(stderr, "gan: %s and saved; go on with: gan train --out %s --resume\n", err->text,
                j->out);
        return interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
    }
    if (s) return cli_fail(EXIT_FAILED, "%s", err->text);
    printf("done: %lld steps; samples in %s/samples, log in %s/log.jsonl, model in "
           "%s/generator.safetensors\n",
           (long long)gan_trainer_steps(j->tr), j->out, j->out, j->out);
    return EXIT_DONE;
}

/* 0, or why DIR can be neither made nor written in: the nearest ancestor that exists tells. */
static int unwritable(const char *dir) {
    char path[GAN_TEXT];
    struct stat st;
    snprintf(path, sizeof path, "%s", dir);
    while (stat(path, &st)) {
        char *slash = strrchr(path, '/');
        if (slash)
            slash[slash == path] = 0;
        else if (strcmp(path, "."))
            strcpy(path, ".");
        else
            return errno;
    }
    if (!S_ISDIR(st.st_mode)) return ENOTDIR;
    return access(path, W_OK | X_OK) ? errno : 0;
}

/* What can be told from the command line alone; EXIT_DONE: go on. */
static int check_line(const cli_line *line, const job *j) {
    if (line->rest_count)
        return cli_fail(EXIT_USAGE, "'%s' is not an option; see gan train --help", line->rest[0]);
    if (!j->out || !*j->out)
        return cli_fail(EXIT_USAGE, "--out DIR is wanted: the folder for this run");
    if (strlen(j->out) >= GAN_TEXT)
        return cli_fail(EXIT_USAGE, "--out is longer than %d characters", GAN_TEXT - 1);
    int code = unwritable(j->out);
    if (code)
        return cli_fail(EXIT_FAILED, "cannot write in %s: %s; choose another --out", j->out,
                        strerror(code));
    if (!j->resume && gan_run_exists(j->out))
        return cli_fail(EXIT_FAILED,
                        "%s holds a run already; --resume goes on with it, or choose another --out",
                        j->out);
    if (j->resume && !gan_run_exists(j->out))
        return cli_fail(EXIT_FAILED, "there is no run in %s to resume", j->out);
    return EXIT_DONE;
}

static int run(const cli_line *line) {
    job j = {.out = cli_value(line, "out", NULL)};
    gan_error err = {0};
    j.resume = cli_flag(line, "resume");
    j.dry = cli_flag(line, "dry-run");
    int code = check_line(line, &j);
    if (code) return code;
    if (settings(&j, line, &err)) return cli_refuse(&err);
    if (!*j.config.data)
        return cli_fail(EXIT_USAGE, "--data PATH is wanted: a folder of images, or an IDX file");
    if (!j.dry) pin_threads(j.config.threads);
    if (prepare(&j, &err))
        code = cli_refuse(&err);
    else {
        print_plan(&j);
        code = j.dry ? rehearse(&j, &err) : train(&j, &err);
    }
    free_job(&j);
    return code;
}

/* The recipes, from the table of objectives. */
static void notes(void) {
    char optimizer[32];
    gan_config c;
    printf("[recipe]: the loss's own.\n");
    for (int i = 0; gan_objective_at(i); i++) {
        const gan_recipe *r = &gan_objective_at(i)->recipe;
        gan_config_init(&c);
        c.optimizer = (int)r->optimizer;
        gan_config_get(&c, "optimizer", optimizer, sizeof optimizer);
        printf("%s: %s, lr-g %g, lr-d %g, betas %g %g, n-critic %s, penalty %s.\n",
               gan_objective_at(i)->name, optimizer, r->lr_g, r->lr_d, r->beta1, r->beta2,
               r->n_critic, r->penalty);
    }
    printf("A step is a generator step. Ctrl-C ends the step, saves, and exits.\n"
           "With a thread for each processor they are pinned, as by OMP_PROC_BIND=close; set\n"
           "that to false, and they are not.\n");
}

const cli_command cli_train = {
    .name = "train",
    .summary = "trains a generator and a discriminator on images",
    .usage = "train --data PATH --out DIR [options]",
    .option_at = option_at,
    .run = run,
    .notes = notes,
};
