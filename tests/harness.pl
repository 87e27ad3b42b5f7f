# Runs the tests and prints, as its last line, 'N passed, N failed, N skipped'. Called by tests/check.
#
# A test is a .t file, a folder of tests/cmd (one TAP test a case), a unit program, or a replay
# program (both through a small TAP adaptor beside this file). Status 0: nothing failed and, in CI
# with the packs at hand, nothing was skipped.
use strict;
use warnings;
use TAP::Harness;

my $out = $ENV{OUT};
my $sanitized = ($ENV{SAN} // '') ne '';
my $ci = ($ENV{CI} // '') eq 'true';

# Long ones first. Comparisons with Go's own tools where $GO is set. What only looks at the sources is left to the plain build.
sub all_tests
{
	my @lint = $sanitized ? grep { -e } map { "tests/lint/$_.t" } qw(install man readme)
		: glob 'tests/lint/*.t';
	my %folder = map { s{/[^/]*$}{}r => 1 } glob 'tests/cmd/*/*.sh';
	my @programs = (
		map({ "$out/" . s/\.c$//r } glob 'tests/unit/test_*.c'),
		map({ "$out/" . s/\.c$/.replay/r } glob 'tests/fuzz/fuzz_*.c'));

	return ('tests/packs.t', glob('tests/captures/*.t'), glob('tests/archive/*.t'), glob('tests/browser/*.t'), $ENV{GO} ? glob('tests/oracle/*.t') : (), @lint, sort(keys %folder), @programs);
}

sub command
{
	my (undef, $test) = @_;
	my @by = $test =~ /\.t$/ ? ()
		: -d $test ? 'tests/cmd/run.t'
		: $test =~ /\.replay$/ ? 'tests/harness/replay.pl'
		: 'tests/harness/cmocka.pl';

	# The cases of a folder have limits of their own.
	return ['timeout', '-k', '5', -d $test ? 1800 : 300, $^X, @by, $test];
}

# Files that git does not know, to see whether tests leave any.
sub untracked
{
	return map { $_ => 1 } split /\0/, `git ls-files -z --others --exclude-standard 2>/dev/null`;
}

my %before = $ci ? untracked() : ();
my @tests = @ARGV ? @ARGV : all_tests();
my $jobs = $ENV{JOBS} || (`nproc 2>/dev/null` || 1);
my $harness = TAP::Harness->new({jobs => 0 + $jobs, failures => 1, exec => \&command});
my $result = $harness->runtests(map { [$_, s{^\Q$out/}{}r] } @tests);
my ($passed, $failed, $skipped) = (0, 0, 0);

for my $p ($result->parsers) {
	my $bad = $p->failed;

	$bad = 1 if !$bad && ($p->wait || $p->parse_errors); # a file that died
	$failed += $bad;
	$skipped += $p->skipped + ($p->skip_all ? 1 : 0);
	$passed += $p->passed - $p->skipped;
}
for my $report (glob "$ENV{SCRATCH}/san/*") {
	open my $f, '<', $report or die "$report: $!\n";
	print STDERR "\nA sanitizer's report:\n", <$f>;
	$failed++;
}
my %after = $ci ? untracked() : ();
for my $file (grep { !$before{$_} } sort keys %after) {
	print STDERR "the tests left a file: $file\n";
	$failed++;
}
print "$passed passed, $failed failed, $skipped skipped\n";
exit 1 if $failed || !$passed;
exit 1 if $skipped && $ci && $ENV{PACKS};
