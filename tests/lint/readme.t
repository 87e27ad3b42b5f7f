#!/usr/bin/perl
# Each indented block of README.md that begins with "$ " is run in testdata/ and must print what is shown.
# REDO=1 writes what it prints into the README.
use strict;
use warnings;
use Cwd 'abs_path';

my $top = abs_path(($0 =~ m{^(.*)/tests/})[0] // '.');
my $out = abs_path($ENV{OUT} // "$top/build");
$ENV{PATH} = "$out:$ENV{PATH}";
$ENV{TZ} = 'UTC';
$ENV{LC_ALL} = 'C';
open my $in, '<', "$top/README.md" or die;
my @lines = <$in>;
my (@new, @tests);
while (@lines) {
	my $line = shift @lines;
	push @new, $line;
	next unless $line =~ /^    \$ (.*)/;
	my ($cmd, $shown, $got) = ($1, '', '');
	$shown .= shift @lines while @lines && $lines[0] =~ /^    (?!\$ )/ || @lines > 1 && $lines[0] eq "\n" && $lines[1] =~ /^    (?!\$ )/;
	for (split /^/, qx(cd '$top/testdata' && $cmd)) {
		$got .= $_ eq "\n" ? $_ : "    $_";
	}
	push @tests, [$cmd, $shown, $got];
	push @new, $got;
}
if ($ENV{REDO}) {
	open my $o, '>', "$top/README.md" or die;
	print $o @new;
}
print '1..', scalar @tests, "\n";
my $n = 0;
for (@tests) {
	my ($cmd, $shown, $got) = @$_;
	my $ok = $shown eq $got || $ENV{REDO};
	print $ok ? '' : 'not ', 'ok ', ++$n, " - $cmd\n";
	print map { "# README: $_\n" } split /\n/, $shown unless $ok;
	print map { "# now:    $_\n" } split /\n/, $got unless $ok;
}
