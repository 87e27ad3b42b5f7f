# The captures of a service with three known leaks, in $PACKS/captures/go1.*/leaky: each Go version, each
# form alone and mixed, shows exactly these three, with the counts that the profile in protobuf has.
use strict;
use warnings;
use JSON::PP;
use Test::More;

my @versions = $ENV{PACKS} ? glob "$ENV{PACKS}/captures/go1.*/leaky" : ();
my @forms = qw(pb.gz debug1.txt debug2.txt);
my %leaks = map { $_ => 1 } qw(main.leakSend.func1 main.leakTicker.func1 main.leakWait.func2);

plan skip_all => 'no captures (PACKS=DIR says where they are)' if !@versions;

# {function => [counts]} of the groups that leak, and whether anything else does.
sub leaks
{
	my (@files) = @_;
	my $doc = decode_json(scalar `prof leak --json @files`);
	my %found;

	for (grep { $_->{verdict} =~ /^leak/ } @{$doc->{groups}}) {
		$found{$_->{where}} = join ' ', @{$_->{counts}};
	}
	return \%found;
}

for my $dir (@versions) {
	my ($version) = $dir =~ /(go1\.\d+)/;
	my $want = leaks(map { "$dir/goroutine.t$_.pb.gz" } 0 .. 3);

	is_deeply({map { $_ => 1 } keys %$want}, \%leaks, "$version: the three leaks, and nothing else");
	# 81 ways to take each moment in one of three forms
	for my $mix (0 .. 80) {
		my @files = map { "$dir/goroutine.t$_." . $forms[$mix / 3 ** $_ % 3] } 0 .. 3;

		is_deeply(leaks(@files), $want, "$version: " . join ' ', map { s/.*\.t/t/r } @files);
	}
}
done_testing();
