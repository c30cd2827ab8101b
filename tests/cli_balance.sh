#!/bin/sh
# SPDX-License-Identifier: MIT
# cli_balance.sh GAN MAKE_FACES - `gan bench balance`: policies at equal cost, from settings to a table and curves.
. "$(dirname "$0")/cli_lib.sh"

# has KEY PATTERN: the report has the key, at the beginning of a line, with a value that matches
has() {
    grep -qE "^  \"$1\": $2,?\$" out || fail "the report has no $1 like $2"
}
number='-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?'
figures="\\{\"modes\": $number, \"quality\": $number, \"kl\": $number\\}"
ring='bench balance ring --batch 10'

# --- usage ---
gives 0 bench --help
prints "  balance"
gives 0 bench balance --help
prints "usage: gan bench balance ring|grid|swiss-roll|stacked-mnist"
for text in "--policies LIST" "--lr-d X" "--n-critic '5@0,2@{10%},1@{25%}'"; do prints "$text"; done
refused 2 "--colour is not an option of gan bench balance" bench balance ring --colour
refused 2 "gan bench balance wants a PROBLEM: ring, grid" bench balance
refused 2 "there is no problem 'spiral'; known: ring, grid, swiss-roll, stacked-mnist" bench balance spiral
refused 2 "--policies: there is no policy 'n7'; known: n1, half, n5, lead, auto" $ring --policies n1,n7
refused 2 "there is no policy ''" $ring --policies n1,
refused 2 "--policies names n1 twice" $ring --policies n1,auto,n1
refused 2 "--steps is '0'" $ring --steps 0
refused 2 "--out is empty" $ring --out ""
refused 2 "there is no loss 'least'" $ring --loss least
refused 2 "policy r1: --norm-d batch: batch norm mixes" $ring --norm-d batch --policies n1,r1
refused 2 "policy ttur: {4*lr-g} means nothing here" $ring --policies ttur --lr-g 'step(1e-3*0.5, 10)'
[ ! -e balance-ring ] || fail "a refused command has left a folder"
refused 1 "cannot make the folder no/where" $ring --norm-d batch --out no/where
for policy in r1 relativistic; do says "policy $policy is left out: --norm-d batch"; done
! grep -q "policy n1 is left out" err || fail "n1 is left out"

# --- two policies ---
two="$ring --quick --policies auto,n1 --balance-min 4"
gives 0 $two --jobs 1
for text in "ring: 8 Gaussians" "2 seeds; 0.009468 million million" "of 200 steps" "mean of last quarter"; do prints "$text"; done
grep -qE '^n1 +200 +1\.00 ' out || fail "n1 is not 200 steps of the budget"
grep -qE '^auto +[1-9][0-9] +[45]\.[0-9]+ ' out || fail "auto does not pay for its steps of D"
[ "$(grep -cE '^(auto|n1) .* \+- ' out)" -eq 4 ] || fail "not two rows for each policy"
[ "$(sed -n '/^auto/=' out | head -n 1)" -lt "$(sed -n '/^n1/=' out | head -n 1)" ] || fail "not in the order asked for"
[ "$(grep -c '^a perfect sampler' out)" -eq 2 ] || fail "no floor"
says "gan: auto, seed 2: "
[ "$(lines balance-ring/n1/curve-1.jsonl)" -eq 20 ] || fail "not 20 looks over the budget"
[ "$(grep -c '<polyline' balance-ring/curves.svg)" -eq 6 ] || fail "not a curve a policy and metric"
[ "$(grep -c '<polygon' balance-ring/curves.svg)" -eq 6 ] || fail "not a band a curve"
for text in ">auto<" ">n1<" ">a perfect sampler<" "</svg>"; do
    grep -qF "$text" balance-ring/curves.svg || fail "the curves have no $text"
done

# D rests in every second step: each is cheaper, and G makes its own images.
gives 0 $ring --quick --policies half --out half
grep -qE '^half +2[0-9][0-9] +0\.50 ' out || fail "half is not more steps for the same cost"
grep -qE '"rests": (1[0-9][0-9]),.*"mac_rest": [1-9]' half/half/curve-1.jsonl || fail "rests are not counted"

# With many rests before the first step of D the costs are known all the same, and the run ends.
gives 0 $ring --quick --policies auto --balance-min 0.1 --out rare
grep -qE '"mac_d": [1-9]' rare/auto/curve-1.jsonl || fail "no cost of a rare step"

# What is done is not done again.
rm balance-ring/*/checkpoint-*.safetensors
gives 0 $two --json
[ -z "$(ls balance-ring/*/checkpoint-* 2>/dev/null)" ] || fail "a finished seed was trained again"
has bench '"balance"'
has seeds 2
has floor "\\{\"modes\": 8.0, \"quality\": 9[89]\\..*"
row="\"g_steps\": 200.0, \"d_steps_per_g_step\": 1.0, .*\"mean\": $figures, \"standard_error\": $figures, "
row="$row\"last_quarter\": $figures, \"last_quarter_standard_error\": $figures\\}"
grep -qE "^    \\{\"policy\": \"n1\", \"given\": \\{\"n-critic\": \"1\"\\}, $row" out || fail "no row of n1"
[ "$(lines balance-ring/results.jsonl)" -eq 4 ] || fail "not a row for each policy of a finished command"
refused 1 "is the result under another --beta1" $two --beta1 0.3
refused 1 "is the result under another --budget" $two --steps 100

# What is interrupted goes on, and is then as if it had not been.
"$gan" $two --seeds 1 --jobs 1 --out parts >out 2>err </dev/null &
interrupted=$!
tries=0
while [ ! -e parts/auto/checkpoint-1.safetensors ] && [ $tries -lt 300 ]; do tries=$((tries + 1)) && sleep 0.1; done
kill $interrupted 2>/dev/null || true
wait $interrupted || true
gives 0 $two --seeds 1 --jobs 1 --out parts
for policy in auto n1; do
    same balance-ring/$policy parts/$policy generator-1.safetensors samples-1.png
    for folder in balance-ring parts; do sed 's/"seconds": [^,]*, //' $folder/$policy/curve-1.jsonl >curve.$folder; done
    cmp curve.balance-ring curve.parts || fail "the curve of a run that went on is another"
done

# Values are made of the user's settings.
gives 0 $ring --policies decay,ttur,stddev --steps 4 --seeds 1 --lr-d 3e-4 --pack 2 --out made --json
for text in '"lr-g": "linear(0.0001->0, 2..4)", "lr-d": "linear(0.0003->0, 2..4)"' '{"lr-d": "0.0004"}' '{"stddev": "5"}'; do
    prints "$text"
done
! grep -q null out || fail "a run of four steps has no last quarter"

# A penalty that is not in every update costs its part, whatever the steps that are counted.
cost() { sed -n 's/^  "multiply_adds_d": \([^,]*\),$/\1/p' out; }
for every in none 1 7; do
    penalty="--penalty r1:0.1 --penalty-every $every"
    [ $every != none ] || penalty=
    gives 0 $ring $penalty --policies n1 --steps 1 --seeds 1 --out every-$every --json
    cost
done >costs
awk '{ x[NR] = $1 } END { d = x[3] - x[1] - (x[2] - x[1]) / 7; exit !(NR == 3 && x[2] > x[1] && d * d < 1e-8 * x[1] * x[1]) }' \
    costs || fail "a lazy penalty's cost is not its part: $(tr '\n' ' ' <costs)"
echo "cli_balance: ok"
