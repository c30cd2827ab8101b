/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/pin.h"

const cli_command *const cli_commands[] = {
    &cli_train,         &cli_sample,        &cli_upscale,
    &cli_translate,     &cli_info,          &cli_bench_step,
    &cli_bench_infer,   &cli_bench_kernels, &cli_bench_modes,
    &cli_bench_balance, &cli_bench_digits,  &cli_bench_upscale,
    &cli_bench_augment, &cli_bench_nearest, NULL};

static void usage(FILE *to) {
    fprintf(to, "usage: gan COMMAND [options]\n\n");
    for (int i = 0; cli_commands[i]; i++)
        fprintf(to, "  %-14s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    fprintf(to, "\ngan COMMAND --help tells a command's options; gan --version the version.\n");
}

static int run(const cli_command *command, int argc, char **argv) {
    cli_line line;
    int code = cli_parse(argc, argv, command, &line);
    if (!code && line.help)
        cli_help(command);
    else if (!code)
        code = command->run(&line);
    cli_free(&line);
    return code;
}

/* The words of the command's name, when the arguments begin with them; else 0. */
static int names(const cli_command *command, int argc, char **argv) {
    const char *name = command->name, *space = strchr(name, ' ');
    size_t first = space ? (size_t)(space - name) : strlen(name);
    if (argc < 2 || strlen(argv[1]) != first || strncmp(argv[1], name, first)) return 0;
    if (!space) return 1;
    return argc > 2 && !strcmp(argv[2], space + 1) ? 2 : 0;
}

/* The kinds of a command of two words whose second is missing or wrong; 0: there is no such. */
static int tell_kinds(const char *word, FILE *to) {
    size_t n = strlen(word);
    int found = 0;
    for (int i = 0; cli_commands[i]; i++) {
        const cli_command *c = cli_commands[i];
        if (strncmp(c->name, word, n) || c->name[n] != ' ') continue;
        if (!found++) fprintf(to, "usage: gan %s KIND [options]\n\n", word);
        fprintf(to, "  %-14s %s\n", c->name + n + 1, c->summary);
    }
    return found;
}

/* A command of one word, or the first of two. */
static int other(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "", *kind = argc > 2 ? argv[2] : "";
    if (!strcmp(kind, "--help") && tell_kinds(name, stdout)) return EXIT_DONE;
    if (*name && tell_kinds(name, stderr))
        return cli_fail(EXIT_USAGE, *kind ? "gan %s has no kind '%s'" : "gan %s wants a KIND%s",
                        name, kind);
    if (*name) cli_fail(EXIT_USAGE, "there is no command '%s'", name);
    usage(stderr);
    return EXIT_USAGE;
}

static int dispatch(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    for (int i = 0; cli_commands[i]; i++) {
        int words = names(cli_commands[i], argc, argv);
        if (words) return run(cli_commands[i], argc - words, argv + words);
    }
    if (!strcmp(name, "--version")) return printf("gan %s\n", gan_version()) < 0;
    if (!strcmp(name, "--man")) return cli_man(), EXIT_DONE;
    if (!strcmp(name, "--help") || !strcmp(name, "help")) return usage(stdout), EXIT_DONE;
    return other(argc, argv);
}

int main(int argc, char **argv) {
    pin_arguments(argv);
    int code = dispatch(argc, argv);
    if (!fflush(stdout) && !ferror(stdout)) return code;
    cli_fail(EXIT_FAILED, "cannot write to the standard output: %s", strerror(errno));
    return code ? code : EXIT_FAILED;
}
