# prof contention on the program in $PACKS/captures/go1.*/contend, whose locks and channel are known: each kind
# of input alone, as far as it can know, and all joined, in each Go version.
use strict;
use warnings;
use File::Temp 'tempdir';
use JSON::PP;
use Test::More;

plan skip_all => 'no captures (PACKS=DIR says where they are)' if !$ENV{PACKS};
my @dirs = glob "$ENV{PACKS}/captures/go1.*/contend";

sub prof
{
	open my $in, '-|', 'prof', @_ or die "prof: $!\n";
	local $/;
	my $text = <$in>;
	close $in or die "prof @_: status " . ($? >> 8) . "\n";
	return JSON::PP->new->utf8->decode($text);
}

# The names of a list's sites, and the site of a name.
sub names
{
	my ($doc, $list) = @_;
	return map { $_->{site} } grep { $_->{list} eq $list } @{$doc->{sites}};
}

sub site
{
	my ($doc, $name, $class) = @_;
	my ($site) = grep { $_->{site} eq $name && $_->{class} =~ $class } @{$doc->{sites}};
	return $site // {};
}

# Who waits, in order: in inputs that have waiters.
sub ranking
{
	my ($doc, $what) = @_;
	my @locks = names($doc, 'contention');
	my ($first) = names($doc, 'backpressure');

	is("@locks[0, 1]", 'main.(*cache).get main.(*config).read', "$what: cache.get, then config");
	is($first, 'main.produce', "$what: produce is back-pressure");
	# But for when the runtime preempts them.
	my @idle = grep { $_->{list} eq 'idle' && $_->{class} ne 'system' } @{$doc->{sites}};
	is(scalar(grep { $_->{site} =~ /produce|cache|config.*read/ } @idle), 0, "$what: and not idle");
}

sub near
{
	my ($got, $wanted, $within, $what) = @_;
	cmp_ok(abs($got - $wanted), '<=', $within * $wanted, sprintf '%s: %.4g for %.4g', $what, $got, $wanted);
}

# Totals are those of top, which are pprof's; no site is lost or counted twice.
sub totals
{
	my ($file, $what) = @_;
	my $top = prof('top', '--json', $file);
	my $doc = prof('contention', '--json', $file);
	my ($kind) = grep { $doc->{sources}{$_} } qw(block mutex);
	my $sum = 0;

	$sum += $_->{delay_ns} for @{$doc->{sites}};
	is($doc->{sources}{$kind}{delay_ns}, $top->{total}, "$what: the total of top");
	is($sum, $top->{total}, "$what: sites add up to it");
	return $doc;
}

# Each side is what it is.
sub sides
{
	my ($doc, $what) = @_;
	my %seen = map { +"$_->{holder} lets $_->{waiter} go on" => $_ } @{$doc->{locks}};
	my @leaf = map { $_->{frames}[0]{name} } map { @{$_->{waiters}} }
		grep { $_->{list} eq 'contention' } @{$doc->{sites}};

	ok($seen{'main.(*cache).get lets main.(*cache).get go on'}, "$what: cache.get holds what it waits for");
	ok($seen{'main.(*config).reload lets main.(*config).read go on'}, "$what: reload holds what read waits for");
	is(scalar(grep { /nlock/ } @leaf), 0, "$what: no waiter's stack unlocks");
}

# A trace has all of it: the same sites, each single wait, who ended it, holds and queues.
sub traced
{
	my ($dir, $go) = @_;
	my ($file) = glob "$dir/contend.trace*";
	my $doc = prof('contention', '--json', $file);
	my $summary = prof('trace', 'summary', '--json', $file);
	my ($ns, $sum) = (0, 0);
	my %hold = map { +"$_->{holder} $_->{waiter}" => $_ } @{$doc->{holds}};
	my ($get, $reload) = @hold{'main.(*cache).get main.(*cache).get', 'main.(*config).reload main.(*config).read'};
	my ($queue) = grep { $_->{site} eq 'main.(*cache).get' } @{$doc->{queues}};

	ranking($doc, "$go trace");
	sides($doc, "$go trace");
	$ns += $summary->{goroutine_state_ns}{$_} for 'Waiting', 'Syscall';
	$sum += $_->{delay_ns} for @{$doc->{sites}};
	is($doc->{sources}{trace}{delay_ns}, $ns, "$go trace: as long as the summary says");
	is($sum, $ns, "$go trace: sites add up to it");
	cmp_ok($get->{p50_ns}, '>', 50e3, "$go trace: cache.get is held for some 0.1 ms");
	cmp_ok($get->{p50_ns}, '<', 200e3, "$go trace: and no more");
	cmp_ok($get->{holder_did}{ran_ns}, '>', 0.9 * $get->{held_ns}, "$go trace: it runs meanwhile");
	cmp_ok($get->{exact}, '>', $get->{holds} / 3, "$go trace: often from when it was woken up");
	cmp_ok($reload->{p50_ns}, '>', 280e3, "$go trace: reload holds for 300 us");
	cmp_ok($reload->{p50_ns}, '<', 450e3, "$go trace: and not much more");
	is("@{$reload->{waited_at}[0]}{'site', 'class', 'line'}", 'main.(*config).reload sleep 61', "$go trace: it sleeps with the lock");
	cmp_ok($reload->{waited_at}[0]{ns}, '>', 0.7 * $reload->{held_ns}, "$go trace: most of the time");
	is(site($doc, 'main.produce', qr/select|send/)->{ended_by}[0]{site}, 'main.consume', "$go trace: consume ends the waits of produce");
	is($queue->{most}, 5, "$go trace: one of six holds, five wait");
	# As seen from the profiles of the same run, which count until the goroutine runs again.
	my $block = site(prof('contention', '--json', "$dir/block.pb.gz"), 'main.(*cache).get', qr/mutex/);
	near(site($doc, 'main.(*cache).get', qr/mutex/)->{delay_ns}, $block->{delay_ns}, 0.2, "$go trace: cache.get waits as in the block profile");
	# A half of it.
	my $half = prof('contention', '--json', '--to=600ms', $file);
	is($half->{sources}{trace}{interval_ns}, 600_000_000, "$go trace: --to");
	ranking($half, "$go trace --to=600ms");
}

# Out of an archive: the same report, whether the file was kept or not.
sub stored
{
	my ($dir, $go) = @_;
	my $at = tempdir(CLEANUP => 1);
	my ($file) = glob "$dir/contend.trace*";
	my @files = ($file, "$dir/goroutine.t1.debug2.txt");

	for my $raw (0, 1) {
		system('prof', 'archive', 'add', '-q', ('--keep-raw') x $raw, "$at/$raw.db", @files) == 0 or die;
		for my $i (0, 1) {
			my @docs = map { prof('contention', '--json', $_) } "$at/$raw.db:" . ($i + 1), $files[$i];

			delete $_->{inputs} for @docs;
			is_deeply(@docs, "$go: out of an archive, $files[$i]" . ($raw ? ', kept' : ''));
		}
	}
}

for my $dir (@dirs) {
	my ($go) = $dir =~ /(go1\.\d+)/;
	my @t0 = map { "$dir/$_.t0" } qw(block mutex);
	my @t1 = map { "$dir/$_.t1" } qw(block mutex);

	for my $at ('t0', 't1') {
		for my $form ('pb.gz', 'debug1.txt') {
			ranking(totals("$dir/block.$at.$form", "$go block.$at.$form"), "$go block.$at.$form");
			my $mutex = totals("$dir/mutex.$at.$form", "$go mutex.$at.$form");
			my @locks = grep { $_->{class} ne 'runtime lock' } @{$mutex->{sites}};

			is("@{[map { $_->{site} } @locks[0, 1]]}", 'main.(*cache).get main.(*config).reload',
				"$go mutex.$at.$form: who unlocks, in order");
			is(scalar(grep { @{$_->{waiters}} || !@{$_->{holders}} } @locks), 0,
				"$go mutex.$at.$form: holders, no waiters");
		}
	}
	# What was between the two moments, in both forms, and what the goroutines did at its ends.
	my $pb = prof('contention', '--json', map { "$_.pb.gz" } @t0, @t1);
	my $duration = $pb->{sources}{block}{interval_ns};
	my $text = prof('contention', '--json', "--duration=${duration}ns", map { "$_.debug1.txt" } @t0, @t1);

	for my $doc ([$pb, 'interval'], [$text, 'interval of debug=1']) {
		ranking($doc->[0], "$go $doc->[1]");
		sides($doc->[0], "$go $doc->[1]");
	}
	for my $name ('main.(*cache).get', 'main.(*config).read', 'main.produce') {
		near(site($text, $name, qr/mutex|select/)->{waiting}, site($pb, $name, qr/mutex|select/)->{waiting},
			0.1, "$go: $name waits as much in both forms");
	}
	# Two goroutines produce, and the slow consumers make them wait nearly always.
	cmp_ok(site($pb, 'main.produce', qr/select/)->{waiting}, '>', 1.5, "$go: both producers wait");
	cmp_ok(site($pb, 'main.produce', qr/select/)->{waiting}, '<=', 2.1, "$go: they are two");
	cmp_ok(site($pb, 'main.(*cache).get', qr/mutex/)->{waiting}, '<', 6, "$go: one of six holds cache.get");
	my $dumps = prof('contention', '--json', map { "$dir/goroutine.$_.debug2.txt" } 't0', 't1');
	is((names($dumps, 'contention'))[0], 'main.(*cache).get', "$go dumps: cache.get first");
	is((names($dumps, 'backpressure'))[0], 'main.produce', "$go dumps: produce first");
	cmp_ok(abs(site($dumps, 'main.(*cache).get', qr/mutex/)->{waiting} - site($pb, 'main.(*cache).get', qr/mutex/)->{waiting}),
		'<', 3, "$go dumps: as many wait at cache.get, more or less");
	# The trace of the run: what it sums up is what other commands say of it.
	my $trace = prof('contention', '--json', "$dir/contend.trace");
	my $block = prof('top', '--json', '--profile=block', "$dir/contend.trace");
	my $sum = 0;

	ranking($trace, "$go trace");
	sides($trace, "$go trace");
	is(scalar(grep { $_->{match} ne 'seen in the trace' } @{$trace->{locks}}), 0, "$go trace: who woke whom was seen");
	$sum += $_->{delay_ns} for grep { @{$_->{waiters}} && $_->{class} ne 'syscall' } @{$trace->{sites}};
	near($sum, $block->{total}, 1e-4, "$go trace: all waits are on some list");
	near(site($trace, 'main.produce', qr/select/)->{waiting}, site($pb, 'main.produce', qr/select/)->{waiting},
		0.1, "$go trace: produce waits as in the profiles");
	my $get = site($trace, 'main.(*cache).get', qr/mutex/);
	ok($get->{p50_ns} > 0 && $get->{p50_ns} <= $get->{p95_ns} && $get->{p95_ns} <= $get->{max_ns},
		"$go trace: single waits at cache.get");
	my $all = prof('contention', '--json', (map { "$_.pb.gz" } @t0, @t1), "$dir/goroutine.t1.debug2.txt",
		"$dir/contend.trace");
	ranking($all, "$go joined");
	sides($all, "$go joined");
	ok(site($all, 'main.(*cache).get', qr/mutex/)->{p95_ns}, "$go joined: single waits beside the profile's sums");
	traced($dir, $go);
	stored($dir, $go);
}
done_testing();
