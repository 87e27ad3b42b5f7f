# usage: cmocka.pl PROGRAM
# Runs a cmocka program and passes its TAP on in a form that TAP::Harness takes. cmocka 1.1.5 prints a
# plan a group (a second one is an error), begins each group's numbers at 1, writes skipped tests as
# 'not ok N # SKIP', a failed group setup as 'not ok 0', and what a test prints may stand before 'ok'.
use strict;
use warnings;

my ($program) = @ARGV;
my ($planned, $n, $failed) = (0, 0, 0);

$ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';
$| = 1;
open my $in, '-|', $program or die "$program: $!\n";
while (my $line = <$in>) {
	chomp $line;
	if ($line =~ /^\s*1\.\.(\d+)$/) {
		$planned += $1;
	} elsif ($line =~ /^(.*?)\b(not )?ok (\d+)(?:$|\s+(.*))/) {
		my ($noise, $not, $number, $rest) = ($1, $2 // '', $3, $4 // '');
		my $skip = $rest =~ s{^#\s*SKIP\s*}{}i;

		$rest =~ s{^- }{};
		$n++;
		$planned = $n if !$number; # a group's setup: its tests do not run; or its teardown
		print STDERR "# $noise\n" if $noise =~ /\S/;
		if ($skip) {
			print "ok $n # SKIP $rest\n";
		} elsif ($not) {
			$failed++;
			print "not ok $n - $rest\n";
			print STDERR "# $program: $rest failed\n";
		} else {
			print "ok $n - ", $rest =~ s/#/\\#/gr, "\n";
		}
	} elsif ($line !~ /^\s*# (not )?ok\b/ && $line =~ /\S/) {
		print STDERR $line =~ /^#/ ? "$line\n" : "# $line\n";
	}
}
close $in;

# A crash, an exit in the middle, or a report of a sanitizer at the end.
if ($? & 127 || $n < $planned || !$n || ($? && !$failed)) {
	my $how = $? & 127 ? 'died of signal ' . ($? & 127) : 'ended with status ' . ($? >> 8);

	$n++;
	print "not ok $n - $program $how after ", $n - 1, " of $planned tests\n";
	print STDERR "# $program $how after ", $n - 1, " of $planned tests\n";
}
print "1..$n\n";
