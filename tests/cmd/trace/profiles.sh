# A trace is a profile for every command: each kind's sum is the summary's sum of that state.
for kind in running sched syscall block; do
	prof convert --profile=$kind --to=folded "$TESTDATA/annotations.trace" |
		awk -v kind=$kind '{ n += $NF } END { print kind, n }'
done
prof trace summary --json "$TESTDATA/annotations.trace" | json goroutine_state_ns.Running \
	goroutine_state_ns.Runnable goroutine_state_ns.Syscall goroutine_state_ns.Waiting
prof top "$TESTDATA/annotations.trace"
# What Go's tool counts, and a part of the trace.
for kind in sched sync net syscall; do
	prof top --profile=$kind --go-compatible "$TESTDATA/annotations.trace" | grep accounting
done
prof trace summary --json "$TESTDATA/annotations.trace" | json profiles.sched.total_ns \
	profiles.sync.total_ns profiles.net.total_ns profiles.syscall.total_ns
prof top --profile=block --from 1ms --to 1.5ms "$TESTDATA/annotations.trace" | grep Duration
# Damage is told; there is no such profile.
head -c 2000 "$TESTDATA/annotations.trace" >cut
prof top --profile=sched cut; echo "$?"
prof top --profile=scheduler "$TESTDATA/annotations.trace"; echo "$?"
profdiff --profile=syscall --json "$TESTDATA/pipe.trace" "$TESTDATA/annotations.trace" | json total.old total.new
