# Every trace of the conformance pack goes into an archive, what is damaged with its damage, and tells
# the same from there as from its file.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

plan skip_all => 'no conformance packs (PACKS=DIR says where they are)' if !$ENV{PACKS};
my @files = sort glob("$ENV{PACKS}/conformance/trace/*/inputs/*");
my $dir = tempdir(CLEANUP => 1);
my $db = "$dir/traces.db";

cmp_ok(scalar @files, '>', 100, 'vectors');
system("'$ENV{PROF}' archive add -q '$db' @files >'$dir/out' 2>'$dir/err'");
is($? >> 8, 4, 'some are damaged');

# Runs commands: their status, output and errors but for names.
sub run {
	my ($name, $file) = @_;
	my @all;

	for my $command ('trace summary', 'leak', 'contention') {
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
like(qx('$ENV{PROF}' archive verify '$db'), qr/everything is as it should be/, 'verify');
done_testing();
