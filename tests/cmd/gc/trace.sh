# A trace and the log of the same run tell the same cycles; a log rounds.
prof gc $TESTDATA/gc.trace
prof gc --json $TESTDATA/gc.trace | json sources.0 segments.0 cycles.0 cycles.3
cat $TESTDATA/gc.trace.log
# Nothing of the collector in it.
prof gc $TESTDATA/annotations.trace; echo "$?"
# Who works for the collector and who waits for it: all assists and sweeps that the trace has, and what workers
# marked in the cycles.
prof gc --json $TESTDATA/gc.trace | json stops stops.0 stops.1 stops.2 functions goroutines functions.1
prof gc --json $TESTDATA/gc.trace >doc
prof trace summary --json $TESTDATA/gc.trace >summary
perl -MJSON::PP -MList::Util=sum -e '
	my ($gc, $trace) = map { open my $f, "<", $_ or die; local $/; decode_json(<$f>) } "doc", "summary";

	for my $list (qw(functions goroutines)) {
		my %sum = map { my $key = $_; ($key => sum map { $_->{$key} } @{$gc->{$list}}) }
			qw(assists assist_ns sweeps sweep_ns mark_ns goroutines);
		my ($assist, $sweep) = map { $trace->{ranges}{$_} } "GC mark assist", "GC incremental sweep";

		print "$list: ", join(" ", map { $_ ? "yes" : "no" } $sum{assists} == $assist->{count},
			$sum{assist_ns} == $assist->{total_ns}, $sum{sweeps} == $sweep->{count},
			$sum{sweep_ns} == $sweep->{total_ns}, $sum{mark_ns} == sum map {
				$_->{dedicated_cpu_ns} + $_->{fractional_cpu_ns} + $_->{idle_cpu_ns} } @{$gc->{cycles}}),
			", $sum{goroutines} goroutines\n";
	}
	my $stopped = sum map { $_->{total_ns} } @{$gc->{stops}};

	print "stopped as long: ", $stopped == $trace->{stw}{total_ns} ? "yes" : "no", "\n";
	print "nobody is delayed for longer: ", (grep { $_->{delayed_ns} > $stopped } @{$gc->{goroutines}}) ? "no" : "yes", "\n"'
prof gc --threshold assist=1% $TESTDATA/gc.trace | grep '^note  assist'
