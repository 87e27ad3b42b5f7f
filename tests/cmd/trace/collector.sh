# Mark assists, sweeps and stops of the world are profiles, too: as many and as long as the summary has.
t=$TESTDATA/gc.trace
for kind in assist sweep stw; do
	prof convert --profile=$kind --to=folded $t | awk -v kind=$kind '{ n += $NF } END { print kind, n }'
done
prof trace summary --json $t | json 'ranges.GC mark assist.total_ns' 'ranges.GC incremental sweep.total_ns' \
	'ranges.GC mark assist.count' 'ranges.GC incremental sweep.count' stw
prof top --profile=assist --sample_index=assists $t | grep accounting
prof top --profile=sweep --sample_index=sweeps $t | grep accounting
prof tags --profile=stw $t
prof top --profile=stw --tagfocus='reason=GC mark termination' $t | sed -n '3,8p'
# What was swept and reclaimed, by stack.
prof tree --profile=sweep --sample_index=reclaimed $t | sed -n '3,12p'
# A part of the trace; what is on at the end counts up to there.
prof top --profile=assist --until 1ms $t | grep Duration
prof top --profile=assist --from 1ms $t | grep Duration
prof flame --profile=assist $t | grep -c '<svg'
# Before Go 1.22 the world stops on no stack.
prof tags --profile=stw "$TESTDATA/fuzz/trace/v1-stress-start-stop-1-10.trace"
prof top --profile=sweep "$TESTDATA/fuzz/trace/v1-stress-start-stop-1-10.trace" | sed -n '3,7p'
