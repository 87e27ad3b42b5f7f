# Pages of a hostile archive that lead to the same pages again and again: what no scan finds the end of ends with an error in
# good time, whichever table it is and whatever is asked.
use strict;
use warnings;
use Cwd qw(getcwd);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Test::More;

my $prof = $ENV{PROF};
my $testdata = getcwd() . '/testdata';
my $dir = tempdir(CLEANUP => 1);
my $seconds = $ENV{SAN} ? 60 : 20;
chdir $dir or die;

sub slurp
{
	open my $f, '<:raw', $_[0] or die "$_[0]: $!\n";
	local $/;
	return scalar <$f>;
}

sub spew
{
	open my $f, '>:raw', $_[0] or die "$_[0]: $!\n";
	print $f $_[1];
	close $f or die;
}

# The end of a varint that begins there.
sub after_varint
{
	my ($bytes, $at) = @_;

	$at++ while ord(substr $bytes, $at, 1) & 128;
	return $at + 1;
}

# An archive whose table with that root page has six levels of pages before its first leaf, all entries of which lead to the same
# page of the next level.
sub lead_in_circles
{
	my ($db, $root) = @_;
	my $size = unpack 'n', substr $db, 16, 2;
	my $pages = length($db) / $size;
	my $of = sub { my ($n) = @_; ($n - 1) * $size + ($n == 1 ? 100 : 0) };
	my $type = sub { ord substr $db, $of->($_[0]), 1 };
	my ($leaf, $key) = ($root, "\x01");

	$leaf = unpack 'N', substr $db, $of->($leaf) + 8, 4 while $type->($leaf) == 2 || $type->($leaf) == 5;
	if ($leaf == $root) { # moves away
		my $page = substr $db, ($root - 1) * $size, $size;

		return undef if $root == 1;
		$db .= $page;
		$leaf = ++$pages;
	}
	return undef if !unpack 'n', substr $db, $of->($leaf) + 3, 2;
	if ($type->($leaf) == 10) { # keys of others are rows
		my $at = ($leaf - 1) * $size + unpack 'n', substr $db, $of->($leaf) + 8, 2;
		my $length = ord substr $db, $at, 1;

		return undef if $length >= 128;
		$key = substr $db, $at, $length + 1;
	}
	my $inner = $type->($leaf) == 10 ? 2 : 5;
	my $page = sub {
		my ($head, $next) = @_;
		my $cell = pack('N', $next) . $key;
		my $n = int(($size - $head - 12) / (length($cell) + 2));
		my $start = $size - $n * length $cell;
		my $place = pack 'n*', map { $start + $_ * length $cell } 0 .. $n - 1;

		return pack('CnnnCN', $inner, 0, $n, $start, 0, $next) . $place
			. "\0" x ($start - $head - 12 - length $place) . $cell x $n;
	};
	my $next = $leaf;
	for (1 .. 6) {
		$db .= $page->(0, $next);
		$next = ++$pages;
	}
	my $head = $root == 1 ? 100 : 0;
	substr($db, ($root - 1) * $size + $head, $size - $head) = $page->($head, $next);
	substr($db, 28, 4) = pack 'N', $pages;
	return $db;
}

# Output, errors and all, and the status; 124 is too long.
sub run
{
	my $out = `timeout $seconds $prof @_ 2>&1 </dev/null`;

	return ($? >> 8, $out);
}

my ($status, $out) = run("archive add -q --full --keep-raw whole.db $testdata/annotations.trace $testdata/gc.trace.log "
	. "$testdata/leaky.goroutine.t*.pb.gz $testdata/contend.mutex.pb.gz -l env=test");
is($status, 0, 'an archive') or diag($out);
my $whole = slurp('whole.db');
(undef, $out) = run(q(sql --format=csv whole.db "select name, rootpage from sqlite_schema where rootpage > 0"));
my %root = (sqlite_schema => 1, $out =~ /^(\w+),(\d+)\r?$/mg);
my @some = ('archive verify DB', 'archive stats DB', 'archive show DB:1', 'top DB:3');
my @all = (@some, 'archive ls DB', 'trace summary DB:1', 'gc DB:2', 'archive trend --metric=pause.p99 DB',
	'archive export DB:4 -o out', q(sql DB "select count(value) from prof_samples('all')"),
	'sql DB "select * from prof_functions"', 'sql DB "select * from transitions where goroutine > 0"', 'archive tag DB all tag=1', 'archive prune --keep=1d DB',
	"archive add DB $testdata/leaky.heap.t0.pb.gz");
my %main = map { $_ => 1 } qw(sqlite_schema profile service total page raw capture capture_data);
my ($late, $odd, $built, %told) = (0, 0, 0);
for my $table (sort keys %root) {
	my $db = lead_in_circles($whole, $root{$table}) // next;

	$built++;
	for my $command ($main{$table} ? @all : @some) {
		spew('bad.db', $db);
		($status, $out) = run($command =~ s/\bDB\b/bad.db/r);
		$late++, diag("$table: $command: late") if $status == 124;
		$odd++, diag("$table: $command: $status: $out") if $status > 4 && $status != 124;
		$told{$table} = 1 if $status && $out =~ /lead in circles/;
		$odd++, diag("verify finds nothing in $table") if $command =~ /verify/ && $status == 0;
		unlink glob 'bad.db*';
	}
}
cmp_ok($built, '>=', 15, 'tables in circles');
is($late, 0, 'all ends in good time');
is($odd, 0, 'with an error');
delete $main{capture_data}; # whose blobs are looked up one by one: one that is not found is told first
is_deeply([grep { !$told{$_} } sort keys %main], [], 'that says why');

# What is whole is never taken for that, also where rows are many and small.
for my $i (0 .. 1999) {
	spew(sprintf('2024-%02d-%02dT%02d:00:00Z.folded', 1 + $i / 672, 1 + $i / 24 % 28, $i % 24), "main;f 1\nmain;only$i 1\n");
}
($status, $out) = run(q(archive add -q whole.db *.folded -l host=here --labels-from '^(?<time>.*Z)'));
is($status, 0, 'many small profiles') or diag($out);
for my $command ('ls whole.db', 'tag whole.db host=here tag=1', 'verify whole.db', 'prune --keep=30d whole.db host=here',
	'verify whole.db') {
	($status, $out) = run("archive $command");
	is($status, 0, $command) or diag($out);
}
(undef, $out) = run('archive ls whole.db host=here');
like($out, qr/ 2024-03-28 07:00:00 /, 'and the last is left');
done_testing();
