# Includes point one way: base <- model <- {read, store, analyse, render} <- join <- {cmd, ext}. Those in
# the middle do not know one another. Everybody may include libprof/prof.h.
use strict;
use warnings;
use lib 'tests/harness';
use Files;
use Test::More;

my %rank = (base => 0, model => 1, (map { $_ => 2 } qw(read store analyse render)), join => 3,
	cmd => 4, ext => 4);
my %wrong;

sub layer
{
	my ($path) = @_;

	return $path =~ m{^libprof/(\w+)/} ? $1 : $path =~ m{^(cmd|ext)/} ? $1 : undef;
}

for my $file (sources(), glob 'ext/*.[ch]') {
	my $from = layer($file);
	my $n = 0;

	next if !defined $from;
	$wrong{$from} //= [];
	for (split /\n/, slurp($file)) {
		$n++;
		my ($to) = /^\s*#\s*include\s*"([^"]+)"/ or next;
		my $in = layer($to);
		my $why = $to eq 'libprof/prof.h' || $to =~ m{^(sql|proto)/} ? ''
			: !defined $in ? 'is no path from the root'
			: !-e $to =~ s/(\.sha256)?\.inc$//r ? 'is not there'
			: $in eq $from || $rank{$in} < $rank{$from} ? ''
			: "is not below $from";

		push @{$wrong{$from}}, "$file:$n: $to $why" if $why;
	}
}
for my $from (sort { $rank{$a} <=> $rank{$b} || $a cmp $b } grep { exists $rank{$_} } keys %wrong) {
	none($wrong{$from}, "includes of $from");
}
none([grep { !exists $rank{$_} } sort keys %wrong], 'no folder without a place');
done_testing();
