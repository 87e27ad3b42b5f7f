# MemStats below debug=1 heap profiles, and the log of the same run.
h=$TESTDATA/ring.heap
prof gc $h.t0.debug1.txt.gz $h.t1.debug1.txt.gz $h.t2.debug1.txt.gz $h.t3.debug1.txt.gz
prof gc -n 4 $h.t1.debug1.txt.gz $h.t0.debug1.txt.gz | tail -6
prof gc --json $h.t?.debug1.txt.gz >doc
json schema sources.0 segments.0 summary snapshots.1 cycles.19 cycles.20 <doc
# Pauses are the log's, which rounds to two digits and more; goals are where they are known; forced or not
# where the snapshots tell.
prof gc --json $TESTDATA/ring.log.gz >log
perl -MJSON::PP -e '
	my ($doc, $log) = map { open my $f, "<", $_ or die; local $/; decode_json(<$f>)->{cycles} } "doc", "log";
	my %log = map { $_->{n} => $_ } @$log;
	my (@off, @ends);

	printf "%s\n", @$log > @$doc && @$doc > 256 ? "the ring and more" : "too few";
	for my $c (@$doc) {
		my $l = $log{$c->{n}};
		my $off = abs($c->{both_pauses_ns} - $l->{both_pauses_ns});

		push @off, $c->{n} if $off > 40e3 && $off > 0.1 * $c->{both_pauses_ns};
		push @ends, $c->{end_ns} - $l->{end_ns};
		print "cycle $c->{n} was forced or not\n" if defined $c->{forced} && !$c->{forced} != !$l->{forced};
		printf "goal of cycle %d: %s\n", $c->{n}, $c->{goal_bytes} >> 20 == $l->{goal_bytes} >> 20 ? "the same" : "another"
			if $c->{goal_bytes};
	}
	@ends = sort { $a <=> $b } @ends;
	print "other pauses: @off\n", "ends within 2 ms: ", $ends[-1] - $ends[0] < 2e6 ? "yes" : "no", "\n"'
# Another process, and one whose last cycle is the same: a copy.
zcat $h.t1.debug1.txt.gz | sed 's/1795273/1795274/g' >other
prof gc --json $h.t0.debug1.txt.gz other $h.t1.debug1.txt.gz $h.t1.debug1.txt.gz | json segments snapshots.1.segment snapshots.3.segment
# Gates and pictures as of any run.
prof gc --fail-on 'pause.max>1ms' --fail-on 'gc_cpu>10%' --fail-on 'peak>1GB' $h.t3.debug1.txt.gz | grep gate
prof gc --svg $h.t3.debug1.txt.gz | grep -c '<svg'
# What cannot be read, what is not there.
zcat $h.t0.debug1.txt.gz | sed 's/^# NextGC = .*/# NextGC = 18446744073709551615/; s/^# LastGC = .*/# LastGC = x/' >odd
prof gc odd | grep -A9 -E 'warn|snapshot'; prof gc odd >/dev/null; echo "$?"
zcat $h.t0.debug1.txt.gz | head -c 1800 >cut; prof gc cut; echo "$?"
zcat $h.t0.debug1.txt.gz | sed '/MemStats/,$d' >none; prof gc none; echo "$?"
prof gc $TESTDATA/textgen.mutex.debug1.txt; echo "$?"
zcat $h.t0.debug1.txt.gz | sed 's/^# NumGC = .*/# NumGC = 0/' >zero; prof gc zero; echo "$?"
# Out of an archive the same: together, alone, and beside the log of the run.
prof archive add -q n.db $h.t{0,1,2,3}.debug1.txt.gz $TESTDATA/ring.log.gz $TESTDATA/textgen.heap.debug1.txt
for how in --json '-n 4' --md; do
	prof gc $how $h.t{0,1,2,3}.debug1.txt.gz >a; prof gc $how n.db:type=heap,source=debug1.txt.gz | cmp - a && echo "$how"
done
prof gc $h.t1.debug1.txt.gz --new $h.t2.debug1.txt.gz >a; prof gc n.db:2 --new n.db:3 | cmp - a && echo compared
prof gc $TESTDATA/ring.log.gz $h.t3.debug1.txt.gz >a; prof gc n.db:5 n.db:4 | cmp - a && echo beside
prof top $h.t3.debug1.txt.gz >a; prof top n.db:4 | cmp - a && echo top
prof sql n.db "SELECT profile, kind FROM capture"
prof sql n.db "SELECT profile, name, last FROM metrics WHERE name IN ('NumGC', 'HeapAlloc') ORDER BY name, profile"
prof archive trend --metric=cycles n.db type=heap,source=debug1.txt.gz; prof archive verify n.db
