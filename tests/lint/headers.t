# Each header compiles alone; prof.h also as C++, where the compiler can.
use strict;
use warnings;
use lib 'tests/harness';
use Files;
use File::Path qw(make_path);
use Test::More;

my $dir = "$ENV{SCRATCH}/headers";
my $flags = '-fsyntax-only -Wall -Wextra -Wundef -Werror -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 ' .
	"-I. -I'$ENV{OUT}' " . `pkg-config --cflags zlib libpcre2-8` =~ s/\n//r;

sub compiles
{
	my ($header, $language) = @_;
	my $file = "$dir/" . $header =~ s{/}{-}gr . '.c';

	open my $f, '>', $file or die "$file: $!\n";
	# Twice, for the guard; a file with nothing but includes is not what -Wpedantic likes.
	print $f "#include \"$header\"\n" x 2, "extern int nothing;\n";
	close $f;
	my $said = `$ENV{CC} $language $flags '$file' 2>&1`;
	diag($said) if $?;
	return !$?;
}

make_path($dir);
ok(compiles($_, '-x c -std=c11'), $_) for grep { /\.h$/ } sources();
if (system("echo '#include <stdint.h>' | $ENV{CC} -x c++ -fsyntax-only - >/dev/null 2>&1") == 0) {
	ok(compiles('libprof/prof.h', '-x c++ -std=c++11'), 'libprof/prof.h as C++');
}
done_testing();
