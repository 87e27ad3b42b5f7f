# make install puts everything where it should be, and a program builds with what prof.pc says, against
# the shared and against the static library, and runs.
use strict;
use warnings;
use lib 'tests/harness';
use Files;
use File::Find;
use Test::More;

my $dest = "$ENV{SCRATCH}/install";
my $prefix = '/opt/there';
my $home = "$dest$prefix";
my $flags = $ENV{SAN} ? "-fsanitize=$ENV{SAN}" : '';
my @files;

sub run
{
	my ($command, $name) = @_;
	my $said = `$command 2>&1`;

	ok(!$?, $name) or diag("$command\n$said");
	return $said;
}

run("make -s install OUT='$ENV{OUT}' CC='$ENV{CC}' SAN='$ENV{SAN}' DESTDIR='$dest' PREFIX='$prefix'", 'make install');
find({no_chdir => 1, wanted => sub { push @files, s/^\Q$home\///r if !-d }}, $dest);
@files = sort @files;
is_deeply([grep { m{/} && !m{^lib/libprof\.so\.\d} && !m{/man1/} } @files], [qw(bin/prof bin/profdiff
	include/prof.h lib/libprof.a lib/libprof.so lib/pkgconfig/prof.pc lib/sqlite3/prof.so), map { "share/bash-completion/completions/$_" } qw(prof profdiff)],
	'all files are there, and under the prefix') or diag(join "\n", @files);
is_deeply([grep { m{/man1/} } @files], [map { "share/man/man1/$_" } sort('profdiff.1', map { s{^cmd/}{}r } glob 'cmd/*.1')],
	'each man page');
ok(-e "$home/$_", "$_ leads somewhere") for grep { -l "$home/$_" } @files;
my $file = 'testdata/contend.mutex.pb.gz';
is(`'$home/bin/profdiff' --version`, `'$ENV{PROF}' --version`, 'the installed command runs');

# As it lies in DESTDIR, and as it will lie on a system.
my $pc = "PKG_CONFIG_PATH='$home/lib/pkgconfig' pkg-config";
is(run("$pc --variable=prefix prof", 'prof.pc is read'), "$prefix\n", 'prof.pc has the prefix that make install was given');
is(`'$ENV{PROF}' --version`, 'prof ' . `$pc --modversion prof`, 'prof.pc has the version');
$pc = "PKG_CONFIG_SYSROOT_DIR='$dest' $pc";
my $build = "$ENV{CC} $flags -std=c11 -Wall -Werror tests/lint/sample.c";
run("$build -o '$dest/shared' \$($pc --cflags --libs prof)", 'builds with the shared library');
run("$build -o '$dest/static' \$($pc --cflags prof) -L'$home/lib' -Wl,-Bstatic -lprof -Wl,-Bdynamic " .
	"\$($pc --static --libs prof | sed 's/-lprof\\b//')", 'builds with the static library');
my $want = `'$ENV{PROF}' top --json -n 3 $file`;
is(run("LD_LIBRARY_PATH='$home/lib' '$dest/shared' $file", 'runs with the shared library'), $want, 'the same output');
is(run("'$dest/static' $file", 'runs with the static library'), $want, 'the same output');
like(`LD_LIBRARY_PATH='$home/lib' ldd '$dest/shared'`, qr/libprof\.so\.\d+ => \Q$home\E/, 'the shared one uses libprof.so');
unlike(`ldd '$dest/static'`, qr/libprof/, 'the static one does not');
done_testing();
