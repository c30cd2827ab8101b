# SPDX-License-Identifier: MIT
# The headers' plain comments as Doxygen wants them: the head of a file, the comment before a declaration, the comment
# behind one. Comments that only divide (/* --- x --- */, /* base */) stay as they are.
1s|^/\* SPDX.*|/** @file|
/^\/\* --- .* --- \*\/$/b
/^\/\* [a-z, ]* \*\/$/b
s|^/\* |/** |
s|^\( *[^ ].*[;,A-Za-z0-9_}]\) */\* |\1 /**< |
s|^    /\* |    /** |
