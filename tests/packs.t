# The conformance packs in $PACKS/conformance: each NAME in tests/packs.txt passes at least as many
# cases as are recorded there. Raise the number when more pass.
use strict;
use warnings;
use Test::More;

plan skip_all => 'no conformance packs (PACKS=DIR says where they are)' if !$ENV{PACKS};
open my $list, '<', 'tests/packs.txt' or die "tests/packs.txt: $!\n";
while (<$list>) {
	next if /^\s*(#|$)/;
	my ($pack, $least) = /^(\w+) (\d+)$/ or die "tests/packs.txt: what is '$_'?\n";
	my $run = "$ENV{PACKS}/conformance/$pack/run";

	if (!-x $run) {
		fail("$run is not there");
		next;
	}
	my ($passing, $failing) = (qx('$run' '$ENV{PROF}' 2>&1))[-1] =~ /^(\d+) passed, (\d+) failed/;
	$_ //= 0 for $passing, $failing;
	cmp_ok($passing, '>=', $least, "$pack: $passing of " . ($passing + $failing));
	note("tests/packs.txt may say $pack $passing") if $passing > $least;
}
done_testing();
