# Sizes, and nothing of one machine in a tracked file.
use strict;
use warnings;
use lib 'tests/harness';
use Encode qw(decode);
use Files;
use Test::More;

use constant {COLUMNS => 100, FILE_LINES => 600, FUNCTION_LINES => 80, README_LINES => 150};

sub width
{
	my ($line) = @_;

	1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x (8 - length($1) % 8)/e;
	return length $line;
}

my (@wide, @long, @functions, @crooked);
for my $file (sources(), glob 'tests/*/*.[ch]') {
	my $text = decode('UTF-8', slurp($file));
	my @lines = split /\n/, $text;
	my ($start, $comment);

	push @long, "$file: " . @lines . ' lines' if @lines > FILE_LINES && $file !~ m{^tests|^libprof/prof[.]h$};
	for my $i (0 .. $#lines) {
		my $at = "$file:" . ($i + 1);

		push @wide, "$at: " . width($lines[$i]) . ' columns' if width($lines[$i]) > COLUMNS;
		push @crooked, "$at: no space behind the star" if $comment && $lines[$i] =~ m{^\s*\*[^\s/]};
		$comment = $comment ? $lines[$i] !~ m{\*/} : $lines[$i] =~ m{^\s*/\*(?!.*\*/)};
		$start = $i if $lines[$i] =~ /^\{/;
		if ($lines[$i] =~ /^\}/ && defined $start) {
			push @functions, "$at: function of " . ($i - $start + 1) . ' lines'
				if $i - $start + 1 > FUNCTION_LINES && $file !~ /^tests/;
			undef $start;
		}
	}
}
none(\@wide, 'no line over ' . COLUMNS . ' columns');
none(\@crooked, 'no crooked comment');
none(\@long, 'no file over ' . FILE_LINES . ' lines');
none(\@functions, 'no function over ' . FUNCTION_LINES . ' lines');
if (-e 'README.md') {
	cmp_ok(scalar(() = slurp('README.md') =~ /\n/g), '<=', README_LINES, 'README.md is short');
}

# Where this machine gets its packages, if that is not Debian.
sub mirrors
{
	my @files = grep { -r } glob '/etc/apt/sources.list{,.d/*} /etc/apt/apt.conf.d/*';
	my @lines = grep { /Proxy|^\s*deb|^URIs/ && !m{^\s*(#|//)} } map { split /\n/, slurp($_) } @files;
	my @set = map { $ENV{$_} } grep { /proxy|mirror|index_url/i } keys %ENV;
	my %host = map { lc $_ => 1 } map { m{https?://(?:[^/\s"]*@)?([\w.-]+)}g } @lines, @set;

	return grep { /\./ && !/(^|\.)(debian|ubuntu)\.(org|net|com)$|^127\./ } sort keys %host;
}

my $hosts = join '|', map { quotemeta } mirrors();
my @machine;
for my $file (tracked()) {
	my $text = slurp($file);

	push @machine, "$file: $1" if $text =~ m{(?<![\w.])(/wor[k]/[\w./-]*)};
	push @machine, "$file: $1" if $hosts && $text =~ /($hosts)/i;
}
none(\@machine, 'no path or package host of one machine');
done_testing();
