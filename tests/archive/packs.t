# The archive on the packs in $PACKS: 250 real profiles of one service take a fifth of their files at most; what a
# query merges is what the files make; nothing is said to have changed where nothing has; a large profile comes out
# as it went in.
use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

plan skip_all => 'no nightly profiles (PACKS=DIR says where they are)' if !$ENV{PACKS};
my $dir = tempdir(CLEANUP => 1);
my $db = "$dir/nightly.db";
my @files = sort glob "$ENV{PACKS}/nightly/*.pb.gz";
my $bytes = 0;

sub prof
{
	open my $in, '-|', $ENV{PROF}, @_ or die "prof: $!\n";
	local $/;
	my $text = <$in>;
	close $in or die "prof @_: status " . ($? >> 8) . "\n";
	return $text;
}

prof(qw(archive add -q), $db, @files);
$bytes += -s $_ for @files;
cmp_ok(-s $db, '<=', 0.2 * $bytes, sprintf 'size: %.3f of the files', (-s $db) / $bytes);

# The same as nights of one service, in the order of their files.
my $nights = "$dir/nights.db";
for my $night (0 .. 49) {
	my $name = sprintf 'b%d.%03d', 1 + $night / 25, $night % 25;

	prof(qw(archive add -q --keep-order -l service=shop --time), 1767225600 + $night * 86400, $nights, grep { /\Q$name\E/ } @files);
}
# What a query merges is what the files make.
for my $kind (qw(cpu heap goroutine block mutex)) {
	my @of_kind = grep { m{/\Q$kind\E\.} } @files;

	for my $report (['top'], ['top', '--lines'], ['tree', '--cum'], ['flame', '--html'], ['merge']) {
		next if $ENV{SAN} && $report->[0] eq 'tree';
		ok(prof(@$report, "$nights:type=$kind") eq prof(@$report, @of_kind), "$kind: @$report");
	}
}

# Nothing changed in 25 nights of a build, nor from one to the other.
for my $what (['cpu', 'cpu'], ['heap', 'inuse_space'], ['heap', 'inuse_objects'], ['heap', 'alloc_space'], ['heap', 'alloc_objects']) {
	my $doc = JSON::PP->new->utf8->decode(
		prof(qw(archive trend --json --type), $what->[0], '--sample_index', $what->[1], $nights));

	cmp_ok($doc->{tested}, '>', 5, "$what->[1]: functions were looked at");
	is_deeply($doc->{rows}, [], "$what->[1]: none changed");
}

SKIP: {
	last SKIP if $ENV{SAN}; # they would take minutes over it
	my $large = "$ENV{PACKS}/bench/many-stacks.pb.gz";

	skip('no large profile', 1) if !-e $large;
	prof(qw(archive add -q --keep-order), "$dir/large.db", $large);
	prof(qw(archive export -o), "$dir/large.pb.gz", "$dir/large.db", 1);
	# A merge numbers things by their first use: equal bytes are equal profiles.
	prof(qw(merge -o), "$dir/a.pb.gz", $large, $large);
	prof(qw(merge -o), "$dir/b.pb.gz", ("$dir/large.pb.gz") x 2);
	is(system('cmp', '-s', "$dir/a.pb.gz", "$dir/b.pb.gz"), 0, 'a large profile comes out as it went in');
}
done_testing();
