# Every trace of the packs goes into an archive, what is damaged with its damage, and tells
# the same from there as from its file.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

plan skip_all => 'no conformance packs (PACKS=DIR says where they are)' if !$ENV{PACKS};
my @files = sort glob("$ENV{PACKS}/conformance/trace/*/inputs/* $ENV{PACKS}/captures/*/*/*.trace $ENV{PACKS}/captures/*/*.trace.gz");
my $dir = tempdir(CLEANUP => 1);
my $db = "$dir/traces.db";

cmp_ok(scalar @files, '>', 100, 'vectors');
system("'$ENV{PROF}' archive add -q '$db' @files >'$dir/out' 2>'$dir/err'");
is($? >> 8, 4, 'some are damaged');

# Runs commands: their status, output and errors but for names.
sub run {
	my ($name, $file) = @_;
	my @all;

	for my $command ('trace summary', 'leak', 'contention', 'top') {
		my $out = qx('$ENV{PROF}' $command --json '$name' 2>'$dir/err');
		push @all, $? >> 8;

		open my $f, '<', "$dir/err" or die $!;
		my $err = join '', <$f>;
		s/\Q$name\E/$file/g for $out, $err;
		push @all, $out, $err;
	}
	return @all;
}

my %ids = map { reverse split /,/ }
	split /\r?\n/, qx('$ENV{PROF}' sql --format=csv '$db' 'SELECT id, source FROM profile');
my ($whole, $damaged, $lost) = (0, 0, 0);
for my $file (@files) {
	my @from_file = run($file, $file);
	my @from_archive = run("$db:" . ($ids{$file} // 0), $file);

	if ($from_file[0] == 1) {
		is($from_archive[0], 1, "$file: nothing to save");
		$lost++;
		next;
	}
	is_deeply(\@from_archive, \@from_file, $file);
	$from_file[0] ? $damaged++ : $whole++;
}
cmp_ok($whole, '>', 50, 'whole ones');
cmp_ok($damaged, '>', 10, 'damaged ones');
# Each goroutine has a row, or is counted.
is(qx('$ENV{PROF}' sql --format=csv '$db' "SELECT count(*) FROM goroutine_groups AS g WHERE goroutines - rolled <>
	(SELECT count(*) FROM goroutines AS x WHERE x.profile = g.profile AND x.group_id = g.id)"),
	"count(*)\r\n0\r\n", 'goroutines');
is(qx('$ENV{PROF}' sql --format=csv '$db' "SELECT count(*) FROM goroutine_groups AS g WHERE rolled > 0 AND rolled <>
	(SELECT sum(goroutines) FROM group_histograms AS x WHERE x.profile = g.profile AND x.group_id = g.id AND what = 'lifetime')"),
	"count(*)\r\n0\r\n", 'goroutines that are rolled up');
like(qx('$ENV{PROF}' archive verify '$db'), qr/everything is as it should be/, 'verify');

# What is kept is small beside a trace.
for my $file (sort glob "$ENV{PACKS}/captures/nethttp/*.trace.gz") {
	my $bytes = length qx(gzip -dc '$file');
	my $small = "$dir/small.db";

	unlink $small;
	system("'$ENV{PROF}' archive add -q '$small' '$file' >'$dir/out'");
	cmp_ok(-s $small, '<=', 0.065 * $bytes, "$file: 5 %, stacks, and an empty archive's 0.5 %");
}
done_testing();
