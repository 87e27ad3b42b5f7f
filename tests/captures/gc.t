# prof gc on the logs in $PACKS/captures: every line is read, every cycle that the runtime counted is
# there, GOGC and the limit are found, and what-if says of one run what the other runs did.
use strict;
use warnings;
use JSON::PP;
use Test::More;

plan skip_all => 'no captures (PACKS=DIR says where they are)' if !$ENV{PACKS};
my @versions = sort map { m{/(go1\.\d+)/} } glob "$ENV{PACKS}/captures/go1.*/gcpace/gogc100.log";

sub gc
{
	open my $in, '-|', $ENV{PROF}, 'gc', '--json', @_ or die "prof: $!\n";
	local $/;
	my $text = <$in>;
	close $in or die "prof gc @_: status " . ($? >> 8) . "\n";
	return JSON::PP->new->utf8->decode($text);
}

# The parts of a run with more than 20 MB live (a log rounds to MB).
sub large
{
	return grep { $_->{live_bytes} > 20 << 20 && $_->{cycles} >= 5 } @{$_[0]{phases}};
}

# The outcomes of one setting for these parts.
sub tried
{
	my ($doc, $setting) = @_;
	my %start = map { $_->{start_ns} => 1 } large($doc);

	return grep { $_->{setting} eq $setting && defined $_->{start_ns} && $start{$_->{start_ns}} }
		@{$doc->{what_if}};
}

sub near
{
	my ($got, $wanted, $what) = @_;

	cmp_ok(abs($got / $wanted - 1), '<', 0.15, sprintf '%s: %.3g for %.3g', $what, $got, $wanted);
}

# Peaks as they are. Periods at one pace: how long the program takes for a byte is the machine's business, and
# differs between two of its runs by up to a factor of 2.6; where it differs by less than a tenth, periods as they
# are, too.
sub compare
{
	my ($name, $doc, $setting, $seen) = @_;
	my ($from, $to, $tried) = ([large($doc)], [large($seen)], [tried($doc, $setting)]);

	is(@$to . ' ' . @$tried, '2 2', "$name: two parts");
	for my $i (0 .. $#$tried) {
		my $slower = $to->[$i]{ns_per_allocated_byte} / $from->[$i]{ns_per_allocated_byte};

		near($tried->[$i]{peak_bytes}, $to->[$i]{peak_bytes}, "$name: peak of part $i");
		near($tried->[$i]{period_ns} * $slower, $to->[$i]{period_ns}, "$name: period of part $i at one pace");
		near($tried->[$i]{period_ns}, $to->[$i]{period_ns}, "$name: period of part $i")
			if abs($slower - 1) < 0.05;
	}
}

# The trace and the log of one run: the same numbers, starts within 1 ms after one constant offset, sizes within
# what the log rounds off.
sub same_run
{
	my ($name, $trace, $log) = @_;
	my ($t, $l) = ($trace->{cycles}, $log->{cycles});
	my @offset = sort { $a <=> $b } map { $l->[$_]{start_ns} - $t->[$_]{start_ns} } 0 .. $#$l;

	is(scalar @$t, scalar @$l, "$name: as many cycles");
	is("@{[map { $_->{n} } @$t]}", "@{[map { $_->{n} } @$l]}", "$name: the same numbers");
	cmp_ok($offset[-1] - $offset[0], '<=', 1e6, "$name: starts within 1 ms");
	for my $size (qw(start_bytes peak_bytes live_bytes goal_bytes)) {
		# Before 1.22 the first goal is set before the trace begins.
		my @known = grep { defined $t->[$_]{$size} } 0 .. $#$l;
		my @off = grep { my $rest = $t->[$_]{$size} - $l->[$_]{$size}; $rest < 0 || $rest >= 1 << 20 } @known;

		cmp_ok(scalar @known, '>=', @$l - 1, "$name: $size of each cycle");
		is(scalar @off, 0, "$name: $size as the log rounds it");
	}
	# A log may also call the cycle forced that was on when the next one was asked for.
	is((grep { $_->{forced} } @$t)[-1]{n}, (grep { $_->{forced} } @$l)[-1]{n}, "$name: the same cycle is forced");
	is($trace->{model}{gogc}, $log->{model}{gogc}, "$name: the same GOGC");
}

for my $version (@versions) {
	my $dir = "$ENV{PACKS}/captures/$version";
	my %log = map { m{([^/]*)\.log$} => gc($_) } glob "$dir/gcpace/*.log";
	my $count = do { open my $f, '<', "$dir/gcpace/gc-cycles.txt" or die; <$f> + 0 };

	for my $name (sort keys %log) {
		my ($source, $segment) = ($log{$name}{sources}[0], $log{$name}{segments}[0]);
		my $model = $log{$name}{model};

		is($source->{unreadable_lines} + $source->{other_lines}, 0, "$version $name: every line is read");
		is($segment->{lost_cycles} . ' ' . @{$log{$name}{segments}}, '0 1', "$version $name: no cycle is missing");
		is($model->{gogc}, $name =~ /50|limit/ ? 50 : 100, "$version $name: GOGC");
		cmp_ok($model->{goals} - $model->{goals_by_formula} - $model->{why}{limit}, '<=', 2,
			"$version $name: the formula explains the goals that no limit set");
	}
	is(scalar @{$log{gctrace}{cycles}}, $count, "$version: all cycles that the runtime counted");
	for my $trace (glob "$dir/gcpace/gcpace.trace*") {
		my $doc = eval { gc($trace) };

		# Traces of before 1.22 are of another format, which may not be read.
		same_run("$version, trace and log", $doc, $log{gctrace}) if $doc || $version !~ /go1\.(19|21)$/;
	}
	near($log{'limit.gctrace'}{model}{memory_limit_bytes}, 180 << 20, "$version: the memory limit");
	my $doc = gc('--what-if', 'gogc=50,100', '--what-if', 'gogc=50+gomemlimit=180MiB', "$dir/gcpace/gogc100.log");
	compare("$version to GOGC 50", $doc, 'gogc=50', $log{gogc50});
	compare("$version to a limit", $doc, 'gogc=50+gomemlimit=180MB', $log{'limit.gctrace'});
	for my $log (glob "$dir/contend/sched*.log") {
		my $text = `$ENV{PROF} gc $log 2>&1`;

		like($text, qr/no cycle of the collector in \d+ lines/, "$version: $log has no cycles");
	}
}
done_testing();
