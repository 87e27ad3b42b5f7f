# The same goroutines in a log of every kind.
for t in 0 1 2 3; do zcat testdata/leaky.goroutine.t$t.debug2.txt.gz >$t; done
for t in 0 1 2 3; do sed 's/^/Nov 20 15:48:01 host leaky[71]: /' $t >$t.journald; done
for t in 0 1 2 3; do sed 's/^/2026-11-20T15:48:01.123456789Z stderr F /' $t >$t.cri; done
for t in 0 1 2 3; do sed 's/^/leaky-1  | /' $t >$t.compose; done
for t in 0 1 2 3; do sed 's/\\/\\\\/g; s/"/\\"/g; s/\t/\\t/g; s/.*/{"log":"&\\n","stream":"stderr","time":"2026-11-20T15:48:01Z"}/' $t >$t.docker; done
prof leak --every=1m [0-3] >plain
for form in journald cri compose docker; do
	prof leak --every=1m [0-3].$form | cmp - plain && echo "$form is the same"
done
