/* SPDX-License-Identifier: MIT */
#include "cli/modes.h"
const modes_problem modes_stacked = {.name = "stacked-mnist", .networks = modes_roll_networks};
