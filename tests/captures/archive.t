# Every trace of the packs goes into an archive, what is damaged with its damage, and tells
# the same from there as from its file.
use strict;
use warnings;
use File::Copy qw(copy);
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
my ($damaged, $lost, @whole_files) = (0, 0);
for my $file (@files) {
	my @from_file = run($file, $file);
	my @from_archive = run("$db:" . ($ids{$file} // 0), $file);

	if ($from_file[0] == 1) {
		is($from_archive[0], 1, "$file: nothing to save");
		$lost++;
		next;
	}
	is_deeply(\@from_archive, \@from_file, $file);
	$from_file[0] ? $damaged++ : push @whole_files, $file;
}
cmp_ok(scalar @whole_files, '>', 50, 'whole ones');
cmp_ok($damaged, '>', 10, 'damaged ones');
# Each goroutine has a row, or is counted.
is(qx('$ENV{PROF}' sql --format=csv '$db' "SELECT count(*) FROM goroutine_groups AS g WHERE goroutines - rolled <>
	(SELECT count(*) FROM goroutines AS x WHERE x.profile = g.profile AND x.group_id = g.id)"),
	"count(*)\r\n0\r\n", 'goroutines');
is(qx('$ENV{PROF}' sql --format=csv '$db' "SELECT count(*) FROM goroutine_groups AS g WHERE rolled > 0 AND rolled <>
	(SELECT sum(goroutines) FROM group_histograms AS x WHERE x.profile = g.profile AND x.group_id = g.id AND what = 'lifetime')"),
	"count(*)\r\n0\r\n", 'goroutines that are rolled up');
like(qx('$ENV{PROF}' archive verify '$db'), qr/everything is as it should be/, 'verify');

# What a trace brings is small beside it: so much grows an archive of others by, its stacks not counted.
my $others = "$dir/others.db";
system("'$ENV{PROF}' archive add -q '$others' testdata/gc.trace testdata/annotations.trace >'$dir/out'");

sub sizes {
	my ($name) = @_;
	my $sql = 'SELECT (SELECT sum(length(data)) FROM page) + (SELECT sum(length(data)) FROM sample)';

	return (-s $name, (qx('$ENV{PROF}' sql --format=csv '$name' '$sql') =~ /(\d+)\s*$/)[0]);
}

my ($bytes_before, $stacks_before) = sizes($others);
my $large = 0;
for my $file (@whole_files) {
	my $bytes = $file =~ /[.]gz$/ ? length qx(gzip -dc '$file') : -s $file;

	next if $bytes < 250_000;
	copy($others, "$dir/more.db") or die "$!\n";
	system("'$ENV{PROF}' archive add -q '$dir/more.db' '$file' >'$dir/out'");

	my ($bytes_after, $stacks_after) = sizes("$dir/more.db");
	my $percent = 100 * ($bytes_after - $bytes_before - ($stacks_after - $stacks_before)) / $bytes;
	cmp_ok($percent, '<=', 5, sprintf '%s: %.2f %% of its bytes', $file, $percent);
	$large++;
}
cmp_ok($large, '>', 20, 'large ones');
done_testing();
