# The tree adds up to what top says, with one side and with two, and nothing is cut.
f=$TESTDATA/checkout.after.cpu.pb.gz
prof flame --format=json --by=package --show='^main\.|^sort\.' --sample_index=samples $f
prof flame --json --show='^main\.' --diff_base=$TESTDATA/checkout.before.cpu.pb.gz $f
cat >sums.pl <<'END'
use strict;
use warnings;
use JSON::PP;
local $/;
my ($tree, $top) = map { open my $in, '<', $_ or die; decode_json(<$in>) } @ARGV;
my (%flat, %cum, @kids, @path);
for my $i (0 .. $#{$tree->{nodes}}) {
	my $n = $tree->{nodes}[$i];
	my $name = defined $n->{frame} ? $tree->{frames}[$n->{frame}]{name} : '';

	$kids[$n->{parent}] += $n->{cum} if defined $n->{parent};
	die "node $i comes before its parent" if defined $n->{parent} && $n->{parent} >= $i;
	$path[$i] = {%{$path[$n->{parent} // 0] // {}}};
	$flat{$name} += $n->{self};
	$cum{$name} += $n->{cum} if !$path[$i]{$name}++; # a recursion counts once
}
for my $i (0 .. $#{$tree->{nodes}}) {
	my $n = $tree->{nodes}[$i];
	die "node $i does not add up" if $n->{cum} != $n->{self} + ($kids[$i] // 0);
}
my @bad = grep { $flat{$_->{name}} != $_->{flat} || $cum{$_->{name}} != $_->{cum} } @{$top->{rows}};
print scalar @{$tree->{nodes}}, " nodes, ", scalar @{$top->{rows}}, " rows, ", scalar @bad, " differ\n";
END
for f in checkout.after.cpu nethttp.mem leaky.goroutine.t3 contend.mutex; do
	prof flame --json $TESTDATA/$f.pb.gz >tree.json
	prof top --json --no-trim $TESTDATA/$f.pb.gz >top.json
	perl sums.pl tree.json top.json
done
