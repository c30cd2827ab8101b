/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

const cli_command *const cli_commands[] = {&cli_train, &cli_sample, &cli_info, NULL};

static void usage(FILE *to) {
    fprintf(to, "usage: gan COMMAND [options]\n\n");
    for (int i = 0; cli_commands[i]; i++)
        fprintf(to, "  %-8s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
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

static int dispatch(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    for (int i = 0; cli_commands[i]; i++)
        if (!strcmp(cli_commands[i]->name, name)) return run(cli_commands[i], argc - 1, argv + 1);
    if (!strcmp(name, "--version")) return printf("gan %s\n", gan_version()) < 0;
    if (!strcmp(name, "--man")) return cli_man(), EXIT_DONE;
    if (!strcmp(name, "--help") || !strcmp(name, "help")) return usage(stdout), EXIT_DONE;
    if (*name) cli_fail(EXIT_USAGE, "there is no command '%s'", name);
    usage(stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    int code = dispatch(argc, argv);
    if (!fflush(stdout) && !ferror(stdout)) return code;
    cli_fail(EXIT_FAILED, "cannot write to the standard output: %s", strerror(errno));
    return code ? code : EXIT_FAILED;
}
