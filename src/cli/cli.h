/* SPDX-License-Identifier: MIT
 *
 * cli/cli.h - what the commands of `gan` share.
 *
 * Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted. Errors go to stderr. */
#ifndef GAN_CLI_H
#define GAN_CLI_H

#include "gan.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* An option of a command. argument NULL: a flag. */
typedef struct cli_option {
    const char *name, *argument, *group, *help, *fallback;
} cli_option;

/* What was given: name and value of each option in order ("true" for a flag), and the remaining
 * arguments. */
typedef struct cli_line {
    int count, rest_count;
    struct {
        const char *name, *value;
    } * given;
    char **rest;
    int help;
} cli_line;

typedef struct cli_command {
    const char *name; /* one word, or two: "bench step" */
    const char *summary, *usage;
    const cli_option *(*option_at)(int i); /* NULL past the last */
    int (*run)(const cli_line *line);
    void (*notes)(void); /* prints what stands below the options; NULL: nothing */
} cli_command;

extern const cli_command cli_train, cli_sample, cli_upscale, cli_translate, cli_info;
extern const cli_command cli_bench_step, cli_bench_infer, cli_bench_kernels, cli_bench_modes,
    cli_bench_balance, cli_bench_digits, cli_bench_upscale, cli_bench_augment, cli_bench_nearest;

/* The commands, ended by NULL. */
extern const cli_command *const cli_commands[];

/* Parses argv[1..]; prints what is wrong and returns EXIT_USAGE when it cannot. Free the line in
 * any case. */
int cli_parse(int argc, char **argv, const cli_command *command, cli_line *line);
void cli_free(cli_line *line);

/* The last value given for an option, or `fallback`. */
const char *cli_value(const cli_line *line, const char *name, const char *fallback);

/* Is a flag on? --flag and --flag=true are, --flag=false is not. */
int cli_flag(const cli_line *line, const char *name);

/* A whole number from low to high; prints what is wrong and returns 0. */
int cli_integer(const cli_line *line, const char *name, long long low, long long high,
                long long *out);

void cli_help(const cli_command *command);
void cli_man(void);

/* Prints "gan: message" and returns EXIT_FAILED, or `code`. */
int cli_fail(int code, const char *format, ...) GAN_PRINTF(2, 3);

/* The same with the library's message; what settings are to blame for is a wrong use. */
int cli_refuse(const gan_error *err);

/* An error of the commands' own in the library's shape; returns its code. */
gan_status cli_error(gan_error *err, gan_status code, const char *format, ...) GAN_PRINTF(3, 4);

#endif
