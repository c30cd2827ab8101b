/* SPDX-License-Identifier: MIT
 *
 * One table of options for each command feeds the parser, the help and the manual page. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define MAX_OPTIONS 128

int cli_fail(int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("gan: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

gan_status cli_error(gan_error *err, gan_status code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return err->code = code;
}

int cli_refuse(const gan_error *err) {
    int usage = err->code == GAN_EINVAL || err->code == GAN_EMODEL;
    return cli_fail(usage ? EXIT_USAGE : EXIT_FAILED, "%s", err->text);
}

static int long_options(const cli_command *command, struct option *out) {
    int n = 0;
    for (const cli_option *o; (o = command->option_at(n)) && n < MAX_OPTIONS - 2; n++)
        out[n] = (struct option){o->name, o->argument ? required_argument : optional_argument, NULL,
                                 'o'};
    out[n] = (struct option){"help", no_argument, NULL, 'h'};
    out[n + 1] = (struct option){0};
    return n;
}

/* What getopt has refused: "--colour", or the "-x" of "-xyz". It passes plain words by first, and
 * moves them to the end only later. */
static int refuse(char **argv, int at, const cli_command *command) {
    while (argv[at][0] != '-' || !argv[at][1]) at++;
    if (strncmp(argv[at], "--", 2))
        return cli_fail(EXIT_USAGE, "-%c is not an option of gan %s; see gan %s --help", optopt,
                        command->name, command->name);
    return cli_fail(EXIT_USAGE,
                    "%s is not an option of gan %s, or short for several; see gan %s --help",
                    argv[at], command->name, command->name);
}

int cli_parse(int argc, char **argv, const cli_command *command, cli_line *line) {
    struct option options[MAX_OPTIONS];
    int which = 0, c, at;
    long_options(command, options);
    *line = (cli_line){.given = calloc((size_t)argc + 1, sizeof *line->given)};
    if (!line->given) return cli_fail(EXIT_FAILED, "out of memory");
    opterr = 0;
    optind = 1;
    while (at = optind, (c = getopt_long(argc, argv, ":h", options, &which)) != -1) {
        if (c == 'h')
            line->help = 1;
        else if (c == ':')
            return cli_fail(EXIT_USAGE, "%s wants a value; see gan %s --help", argv[optind - 1],
                            command->name);
        else if (c != 'o')
            return refuse(argv, at, command);
        else {
            line->given[line->count].name = options[which].name;
            line->given[line->count++].value = optarg ? optarg : "true";
        }
    }
    line->rest = argv + optind;
    line->rest_count = argc - optind;
    return EXIT_DONE;
}

void cli_free(cli_line *line) {
    free(line->given);
    line->given = NULL;
}

const char *cli_value(const cli_line *line, const char *name, const char *fallback) {
    for (int i = line->count; i-- > 0;)
        if (!strcmp(line->given[i].name, name)) return line->given[i].value;
    return fallback;
}

int cli_flag(const cli_line *line, const char *name) {
    return !strcmp(cli_value(line, name, "false"), "true");
}

int cli_integer(const cli_line *line, const char *name, long long low, long long high,
                long long *out) {
    const char *text = cli_value(line, name, NULL);
    char *end;
    if (!text) return 1;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || *end || errno || v < low || v > high) {
        cli_fail(EXIT_USAGE, "--%s is '%s'; it must be a whole number from %lld to %lld", name,
                 text, low, high);
        return 0;
    }
    *out = v;
    return 1;
}

/* --- help --- */

static int shown_default(const cli_option *o) {
    return o->argument && o->fallback && *o->fallback;
}

void cli_help(const cli_command *command) {
    const char *group = NULL;
    printf("usage: gan %s\n%s\n", command->usage, command->summary);
    for (int i = 0; command->option_at(i); i++) {
        const cli_option *o = command->option_at(i);
        char left[64];
        if (o->group && (!group || strcmp(group, o->group))) printf("\n%s:\n", group = o->group);
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        printf("  %-26s %s", left, o->help);
        if (shown_default(o)) printf(" [%s]", o->fallback);
        putchar('\n');
    }
    printf("  %-26s %s\n", "--help", "this text");
    if (command->notes) putchar('\n'), command->notes();
}

/* Hyphens are minus signs in a manual page, so that they can be copied. */
static void man_text(const char *s) {
    if (*s == '.' || *s == '\'') fputs("\\&", stdout);
    for (; *s; s++)
        if (*s == '-')
            fputs("\\-", stdout);
        else if (*s == '\\')
            fputs("\\e", stdout);
        else
            putchar(*s);
}

static void man_command(const cli_command *command) {
    printf(".SS ");
    man_text(command->usage);
    printf("\n");
    man_text(command->summary);
    printf("\n");
    for (int i = 0; command->option_at(i); i++) {
        const cli_option *o = command->option_at(i);
        printf(".TP\n.B \\-\\-");
        man_text(o->name);
        if (o->argument) printf(" \\fI%s\\fR", o->argument);
        printf("\n");
        man_text(o->help);
        if (shown_default(o)) printf(" [%s]", o->fallback);
        printf("\n");
    }
    if (!command->notes) return;
    printf(".P\n.nf\n");
    command->notes();
    printf(".fi\n");
}

void cli_man(void) {
    printf(".TH GAN 1 \"\" \"libgan %s\"\n.SH NAME\ngan \\- train generative adversarial networks "
           "on images\n",
           gan_version());
    printf(".SH SYNOPSIS\n.B gan\n.I command\n.RI [ options ]\n.SH COMMANDS\n");
    for (int i = 0; cli_commands[i]; i++) man_command(cli_commands[i]);
    printf(".SH EXIT STATUS\n0 done, 1 failed, 2 usage, 130 interrupted (a run is saved first).\n");
}
