# The shared library exports what prof.h declares with PROF_API and nothing else. The library's objects
# reference nothing that prints, exits, reads the environment or cannot be used safely: this is seen in
# a build without optimisation and builtins, which make keeps in $OUT/plain.
use strict;
use warnings;
use lib 'tests/harness';
use Files;
use Test::More;

my $banned = join '|', qw(exit _exit quick_exit abort getenv secure_getenv setenv putenv system popen
	printf vprintf puts putchar perror stdout stderr stdin syslog
	strcpy stpcpy strcat sprintf vsprintf strtok atoi atol atof gets scanf sscanf fscanf);
my %declared = map { $_ => 1 } slurp('libprof/prof.h') =~ /^PROF_API\b[^;(]*?\b(\w+)\(/mg;
my %exported = map { $_ => 1 } grep { !/^__(odr_)?asan/ }
	map { (split)[0] } `nm -D --defined-only --format=posix '$ENV{OUT}/libprof.so'`;

cmp_ok(scalar keys %declared, '>', 5, 'prof.h declares functions');
none([grep { !$exported{$_} } sort keys %declared], 'all that is declared is exported');
none([grep { !$declared{$_} } sort keys %exported], 'all that is exported is declared');

my $plain = "$ENV{OUT}/plain";
my $said = `make -s OUT='$plain' CC='$ENV{CC}' SAN= CFLAGS='-O0 -fno-builtin -w' '$plain/libprof.a' 2>&1`;
is($?, 0, 'the plain build') or diag($said);
my ($object, $seen, @bad) = ('', 0);
for (`nm -u --format=posix '$plain/libprof.a'`) {
	if (/\[(.*)\]:/) {
		$object = $1;
	} elsif (/^(\w+)/) {
		my $symbol = $1;

		$seen++;
		push @bad, "$object: $symbol" if $symbol =~ /^(?:__isoc\d+_)?(?:$banned)$/;
	}
}
cmp_ok($seen, '>', 100, 'references were seen');
none(\@bad, 'no reference to what a library must not call');
done_testing();
