# usage: replay.pl $OUT/tests/fuzz/fuzz_NAME.replay
# Replays testdata/fuzz/NAME, one test a file; all files in one go first, which is fast.
use strict;
use warnings;
use Test::More;

my ($program) = @ARGV;
my ($name) = $program =~ /fuzz_(\w+)\.replay$/;
my @files = sort grep { -f } glob "testdata/fuzz/$name/*";

sub replay
{
	open my $in, '-|', 'timeout', '120', $program, @_ or die "$program: $!\n";
	my @said = <$in>;
	close $in;
	return ($?, @said);
}

plan skip_all => "no corpus in testdata/fuzz/$name" if !@files;
my ($all) = replay(@files);
for my $file (@files) {
	my ($status, @said) = $all ? replay($file) : 0;

	ok(!$status, $file) or diag("status $status: $program $file\n", @said);
}
ok(!$all, 'all files in one process');
done_testing();
