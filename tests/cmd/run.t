# usage: run.t tests/cmd/FOLDER
# Golden tests of the command. FOLDER/CASE.sh runs under bash in an empty directory of its own, with
# `prof` and `profdiff` on PATH, $PROF, `json` (tests/cmd/tools), and a link to testdata, which $TESTDATA
# names too, so that messages show no path of this machine. Its output is CASE.out, its standard error
# CASE.err (none: empty), its status CASE.exit (none: 0). REDO=1 writes these files, but for a case that
# was killed or took longer than CASE_SECONDS: what it said may be a part.
use strict;
use warnings;
use Cwd qw(getcwd);
use File::Basename qw(basename);
use File::Path qw(make_path remove_tree);
use Test::More;

my ($folder) = @ARGV;
my $root = getcwd();
my $scratch = "$ENV{SCRATCH}/cmd/" . basename($folder);
my @cases = map { basename($_, '.sh') } sort glob "$folder/*.sh";
my %is_case = map { $_ => 1 } @cases;

sub slurp
{
	my ($path) = @_;

	open my $f, '<:raw', $path or return '';
	local $/;
	return <$f> // '';
}

sub write_golden
{
	my ($path, $text, $needed) = @_;

	if ($text eq '' && !$needed) {
		unlink $path;
		return;
	}
	return if -e $path && slurp($path) eq $text;
	open my $f, '>:raw', $path or die "$path: $!\n";
	print $f $text;
	close $f or die "$path: $!\n";
	note("wrote $path");
}

# Seconds; a case takes some, and a few times as many under sanitizers or beside other work.
my $limit = $ENV{CASE_SECONDS} // ($ENV{SAN} ? 300 : 100);

# Runs a case; its standard output, standard error and status are then in $scratch/CASE.{out,err,exit}.
sub run_case
{
	my ($case) = @_;
	my $dir = "$scratch/$case";

	make_path($dir);
	symlink "$root/testdata", "$dir/testdata" or die "$dir: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		$SIG{PIPE} = 'DEFAULT';
		chdir $dir or die;
		open STDIN, '<', '/dev/null' or die;
		open STDOUT, '>', "$dir.out" or die;
		open STDERR, '>', "$dir.err" or die;
		$ENV{TESTDATA} = 'testdata';
		exec 'timeout', '-k', '1', $limit, 'bash', "$root/$folder/$case.sh" or die;
	}
	waitpid $pid, 0;
	return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

# Whether what came is what is expected; shows how they differ.
sub same
{
	my ($golden, $got) = @_;

	return 1 if slurp($golden) eq slurp($got);
	diag(`diff -u --label expected --label got '@{[-e $golden ? $golden : '/dev/null']}' '$got' | head -60`);
	return 0;
}

remove_tree($scratch);
for my $case (@cases) {
	my ($golden, $got) = ("$folder/$case", "$scratch/$case");
	my $status = run_case($case);

	open my $f, '>', "$got.exit" or die "$got.exit: $!\n";
	print $f "$status\n" if $status;
	close $f;
	if ($status == 124 || $status > 128) { # timeout(1), a signal
		fail($case) or diag("did not end in time, or was killed: status $status, in $got");
		next;
	}
	if ($ENV{REDO}) {
		write_golden("$golden.$_", slurp("$got.$_"), $_ eq 'out') for qw(out err exit);
	}
	my $ok = -e "$golden.out" || !diag("$golden.out is not there: REDO=1 make check writes it");
	$ok = same("$golden.$_", "$got.$_") && $ok for qw(out err exit);
	ok($ok, $case) or diag("in $golden.sh, run in $got");
}
my @stray = grep { !$is_case{basename($_) =~ s/\.(out|err|exit)$//r} } glob "$folder/*.{out,err,exit}";
is("@stray", '', 'no expectation without a case');
done_testing();
